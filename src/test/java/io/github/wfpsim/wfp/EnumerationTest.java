package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Race;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What management code is told of the objects that there are. */
@Timeout(20)
class EnumerationTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final UUID KEY = new UUID(130, 1);
    private static final Provider ACME = new Provider(new UUID(130, 2), "Acme");

    private final WfpSim sim = WfpSim.open();
    private final Fwpm fwpm = sim.fwpm();
    private final Fwpm other = fwpm.open(FwpmSession.dynamic("other"));

    @AfterEach
    void closeMachine() {
        sim.close();
    }

    private static <T> T got(Function<Out<T>, Win32Error> call) {
        Out<T> out = Out.empty();
        assertThat(call.apply(out)).isEqualTo(Win32Error.NO_ERROR);
        return Objects.requireNonNull(out.get());
    }

    private static <T> FwpmEnumHandle<T> begun(Function<Out<FwpmEnumHandle<T>>, Win32Error> call) {
        return got(call);
    }

    private List<String> names(FwpmEnumHandle<Filter> handle, int most) {
        return EnumerationTest.<List<Filter>>got(entries -> fwpm.fwpmFilterEnum0(handle, most, entries)).stream()
                .map(Filter::name)
                .toList();
    }

    private long permit(String name) {
        return fwpm.addFilter(Filter.at(LAYER).name(name).permit());
    }

    // ---- one object

    @Test
    @Spec("WFP-130")
    void filter_isFoundByKeyAndId_asItIsInForce() {
        Filter given = Filter.at(LAYER)
                .name("mine")
                .weight(FilterWeight.range(3))
                .when(FilterCondition.appId("C:\\Apps\\App.exe"))
                .rawContext(77)
                .permit();
        long id = fwpm.addFilter(given);

        Filter byId = got(out -> fwpm.fwpmFilterGetById0(id, out));
        Filter byKey = got(out -> fwpm.fwpmFilterGetByKey0(Objects.requireNonNull(byId.filterKey()), out));

        assertThat(byKey).isEqualTo(byId);
        assertThat(byId.filterId()).isEqualTo(id);
        assertThat(byId.effectiveWeight()).isEqualTo((3L << 60) + 1);
        assertThat(byId.weight()).isEqualTo(given.weight());
        assertThat(byId.rawContext()).isEqualTo(77);
        assertThat(byId.conditions()).containsExactly(FilterCondition.appId(fwpm.appIdOf("C:\\Apps\\App.exe")));
    }

    @Test
    @Spec("WFP-130")
    void filter_thatWasRead_canBeAddedAgain() {
        long id = permit("mine");
        Filter read = got(out -> fwpm.fwpmFilterGetById0(id, out));
        fwpm.fwpmFilterDeleteById0(id);

        Out<Long> again = Out.empty();
        assertThat(fwpm.fwpmFilterAdd0(read, again)).isEqualTo(Win32Error.NO_ERROR);

        assertThat(again.get()).isNotEqualTo(id);
        Filter second = got(out -> fwpm.fwpmFilterGetByKey0(Objects.requireNonNull(read.filterKey()), out));
        assertThat(second.filterId()).isEqualTo(again.get());
    }

    @Test
    @Spec("WFP-130")
    void callout_hasItsIdAndFlagWhileADriverHasItRegistered() {
        fwpm.fwpmCalloutAdd0(new FwpmCallout(KEY, "callout", LAYER), null);
        FwpmCallout before = got(out -> fwpm.fwpmCalloutGetByKey0(KEY, out));
        assertThat(before.calloutId()).isZero();
        assertThat(before.flags()).isEmpty();
        assertThat(fwpm.fwpmCalloutGetById0(0, Out.empty())).isEqualTo(Win32Error.FWP_E_CALLOUT_NOT_FOUND);
        try (KernelDriver driver = sim.loadDriver("acme.sys");
                var registered = driver.registerCallout(KEY, (values, meta, data, context, filter, flow, out) -> {})) {
            int id = registered.calloutId();

            FwpmCallout now = got(out -> fwpm.fwpmCalloutGetById0(id, out));

            assertThat(now.calloutKey()).isEqualTo(KEY);
            assertThat(now.calloutId()).isEqualTo(id);
            assertThat(now.flags()).containsExactly(CalloutFlag.FWPM_CALLOUT_FLAG_REGISTERED);
        }
    }

    @Test
    @Spec("WFP-130")
    void otherObjects_areFoundByKey() {
        fwpm.fwpmProviderAdd0(ACME);
        SubLayer subLayer = fwpm.addSubLayer(new SubLayer(KEY, "mine", 5, ACME.key()));
        Out<Long> contextId = Out.empty();
        fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(KEY, "context", FwpByteBlob.ofText("data")), contextId);
        long id = Objects.requireNonNull(contextId.get());

        assertThat(EnumerationTest.<Provider>got(out -> fwpm.fwpmProviderGetByKey0(ACME.key(), out)))
                .isEqualTo(ACME);
        assertThat(EnumerationTest.<SubLayer>got(out -> fwpm.fwpmSubLayerGetByKey0(KEY, out)))
                .isEqualTo(subLayer);
        FwpmProviderContext context = got(out -> fwpm.fwpmProviderContextGetById0(id, out));
        assertThat(context.dataBuffer()).isEqualTo(FwpByteBlob.ofText("data"));
        assertThat(EnumerationTest.<FwpmProviderContext>got(out -> fwpm.fwpmProviderContextGetByKey0(KEY, out)))
                .isEqualTo(context);
    }

    @Test
    @Spec("WFP-130")
    void objectThatIsNotThere_hasTheStatusOfItsKind_andTheCellIsLeftAlone() {
        Out<Filter> cell = Out.empty();
        Filter before = Filter.at(LAYER).permit();
        cell.set(before);

        assertThat(List.of(fwpm.fwpmFilterGetByKey0(KEY, cell), fwpm.fwpmFilterGetById0(4711, cell)))
                .containsOnly(Win32Error.FWP_E_FILTER_NOT_FOUND);
        assertThat(cell.get()).isSameAs(before);
        assertThat(fwpm.fwpmSubLayerGetByKey0(KEY, Out.empty())).isEqualTo(Win32Error.FWP_E_SUBLAYER_NOT_FOUND);
        assertThat(fwpm.fwpmProviderGetByKey0(KEY, Out.empty())).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
        assertThat(List.of(fwpm.fwpmCalloutGetByKey0(KEY, Out.empty()), fwpm.fwpmCalloutGetById0(9, Out.empty())))
                .containsOnly(Win32Error.FWP_E_CALLOUT_NOT_FOUND);
        assertThat(List.of(
                        fwpm.fwpmProviderContextGetByKey0(KEY, Out.empty()),
                        fwpm.fwpmProviderContextGetById0(9, Out.empty())))
                .containsOnly(Win32Error.FWP_E_PROVIDER_CONTEXT_NOT_FOUND);
    }

    // ---- all objects

    @Test
    @Spec("WFP-131")
    void enumeration_withoutATemplate_hasAllFilters_ofBootTimeAndDisabledOnesToo() {
        permit("plain");
        fwpm.addFilter(Filter.at(LAYER.withFamily(AddressFamily.AF_INET6))
                .name("elsewhere")
                .block());
        fwpm.addFilter(Filter.at(LAYER)
                .name("early")
                .flag(FilterFlag.FWPM_FILTER_FLAG_BOOTTIME)
                .permit());

        assertThat(fwpm.filters(null)).extracting(Filter::name).containsExactly("plain", "elsewhere", "early");
    }

    @Test
    @Spec("WFP-131")
    void enumeration_showsWhatThereWasWhenItBegan() {
        long first = permit("first");
        permit("second");
        FwpmEnumHandle<Filter> handle = begun(out -> fwpm.fwpmFilterCreateEnumHandle0(null, out));

        fwpm.fwpmFilterDeleteById0(first);
        permit("third");

        assertThat(names(handle, 10)).containsExactly("first", "second");
    }

    @Test
    @Spec("WFP-131")
    void transaction_seesItsOwnChanges_andNobodyElseDoes() {
        long deleted = permit("deleted");
        fwpm.fwpmTransactionBegin0(0);
        long draft = permit("draft");
        fwpm.fwpmFilterDeleteById0(deleted);

        assertThat(fwpm.filters(null)).extracting(Filter::name).containsExactly("draft");
        assertThat(fwpm.fwpmFilterGetById0(draft, Out.empty())).isEqualTo(Win32Error.NO_ERROR);
        assertThat(List.of(
                        other.fwpmFilterGetById0(draft, Out.empty()),
                        other.fwpmFilterCreateEnumHandle0(null, Out.empty()),
                        other.fwpmSubLayerGetByKey0(KEY, Out.empty())))
                .containsOnly(Win32Error.FWP_E_TIMEOUT);

        fwpm.fwpmTransactionAbort0();
        assertThat(other.filters(null)).extracting(Filter::name).containsExactly("deleted");
    }

    @Test
    @Spec("WFP-131")
    void transactionThatOnlyReads_letsOthersRead() {
        long id = permit("there");
        fwpm.fwpmTransactionBegin0(Fwpm.FWPM_TXN_READ_ONLY);

        assertThat(fwpm.filters(null)).hasSize(1);
        assertThat(other.fwpmFilterGetById0(id, Out.empty())).isEqualTo(Win32Error.NO_ERROR);
        assertThat(other.filters(null)).hasSize(1);
    }

    // ---- pages

    @Test
    @Spec("WFP-132")
    void pages_followEachOther_andTheLastIsShort() {
        List.of("a", "b", "c").forEach(this::permit);
        FwpmEnumHandle<Filter> handle = begun(out -> fwpm.fwpmFilterCreateEnumHandle0(null, out));

        assertThat(names(handle, 0)).isEmpty();
        assertThat(names(handle, 2)).containsExactly("a", "b");
        assertThat(names(handle, 2)).containsExactly("c");
        assertThat(names(handle, 2)).isEmpty();
    }

    @Test
    @Spec("WFP-132")
    void pages_areReadWhileAnotherSessionHasATransaction() {
        permit("a");
        FwpmEnumHandle<Filter> handle = begun(out -> fwpm.fwpmFilterCreateEnumHandle0(null, out));
        other.fwpmTransactionBegin0(0);

        assertThat(names(handle, -1)).containsExactly("a");
        assertThat(fwpm.fwpmFilterDestroyEnumHandle0(handle)).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-132")
    void handle_thatIsDestroyedOrAnotherSessions_isInvalid() {
        FwpmEnumHandle<Filter> handle = begun(out -> fwpm.fwpmFilterCreateEnumHandle0(null, out));

        assertThat(List.of(other.fwpmFilterEnum0(handle, 1, Out.empty()), other.fwpmFilterDestroyEnumHandle0(handle)))
                .containsOnly(Win32Error.WSA_INVALID_HANDLE);
        assertThat(fwpm.fwpmFilterDestroyEnumHandle0(handle)).isEqualTo(Win32Error.NO_ERROR);
        assertThat(List.of(fwpm.fwpmFilterEnum0(handle, 1, Out.empty()), fwpm.fwpmFilterDestroyEnumHandle0(handle)))
                .containsOnly(Win32Error.WSA_INVALID_HANDLE);
    }

    @Test
    @Spec("WFP-132")
    @SuppressWarnings("unchecked") // As a port of C can do, which has one type for all handles.
    void handle_ofOtherObjects_isInvalid() {
        FwpmEnumHandle<SubLayer> handle = begun(out -> fwpm.fwpmSubLayerCreateEnumHandle0(null, out));
        FwpmEnumHandle<Filter> cast = (FwpmEnumHandle<Filter>) (FwpmEnumHandle<?>) handle;

        assertThat(fwpm.fwpmFilterEnum0(cast, 1, Out.empty())).isEqualTo(Win32Error.WSA_INVALID_HANDLE);
        assertThat(fwpm.fwpmFilterDestroyEnumHandle0(cast)).isEqualTo(Win32Error.WSA_INVALID_HANDLE);
        assertThat(fwpm.fwpmSubLayerDestroyEnumHandle0(handle)).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-132")
    void manyThreads_shareAnEnumeration_andNoneReadsWhatAnotherHas() throws Exception {
        for (int i = 0; i < 500; i++) {
            permit("filter " + i);
        }
        FwpmEnumHandle<Filter> handle = begun(out -> fwpm.fwpmFilterCreateEnumHandle0(null, out));
        Callable<List<String>> reading = () -> {
            List<String> mine = new ArrayList<>();
            for (List<String> page = names(handle, 3); !page.isEmpty(); page = names(handle, 3)) {
                mine.addAll(page);
            }
            return mine;
        };

        List<String> all = Race.run(4, reading).stream().flatMap(List::stream).toList();

        assertThat(all).hasSize(500).doesNotHaveDuplicates();
    }

    @Test
    @Spec({"WFP-130", "WFP-131", "WFP-132"})
    void closedSession_answersThatItWasAborted() {
        FwpmEnumHandle<Filter> handle = begun(out -> other.fwpmFilterCreateEnumHandle0(null, out));
        FwpmFilterEnumTemplate refused = FwpmFilterEnumTemplate.at(LAYER).actionMask(0);
        other.close();

        assertThat(List.of(
                        other.fwpmFilterEnum0(handle, 1, Out.empty()),
                        other.fwpmFilterDestroyEnumHandle0(handle),
                        other.fwpmFilterGetById0(1, Out.empty()),
                        other.fwpmFilterCreateEnumHandle0(refused, Out.empty()),
                        other.fwpmProviderCreateEnumHandle0(null, Out.empty())))
                .containsOnly(Win32Error.FWP_E_SESSION_ABORTED);
    }

    // ---- other kinds

    @Test
    @Spec("WFP-134")
    void subLayers_areThoseOfAProviderOrAll() {
        fwpm.fwpmProviderAdd0(ACME);
        SubLayer mine = fwpm.addSubLayer(new SubLayer(KEY, "mine", 5, ACME.key()));
        SubLayer nobodys = fwpm.addSubLayer(new SubLayer(new UUID(130, 9), "nobody's", 6));

        assertThat(subLayers(null)).containsExactly(SubLayer.UNIVERSAL, mine, nobodys);
        assertThat(subLayers(new FwpmSubLayerEnumTemplate(null))).hasSize(3);
        assertThat(subLayers(new FwpmSubLayerEnumTemplate(ACME.key()))).containsExactly(mine);
        assertThat(subLayers(new FwpmSubLayerEnumTemplate(new UUID(0, 0)))).isEmpty();
    }

    private List<SubLayer> subLayers(@Nullable FwpmSubLayerEnumTemplate template) {
        FwpmEnumHandle<SubLayer> handle = begun(out -> fwpm.fwpmSubLayerCreateEnumHandle0(template, out));
        return got(entries -> fwpm.fwpmSubLayerEnum0(handle, 10, entries));
    }

    @Test
    @Spec("WFP-134")
    void subLayer_needsItsProvider_andKeepsItFromBeingDeleted() {
        SubLayer mine = new SubLayer(KEY, "mine", 5, ACME.key());
        assertThat(fwpm.fwpmSubLayerAdd0(mine)).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
        other.fwpmProviderAdd0(ACME);
        assertThat(fwpm.fwpmSubLayerAdd0(mine)).isEqualTo(Win32Error.FWP_E_LIFETIME_MISMATCH);
        assertThat(other.fwpmSubLayerAdd0(mine)).isEqualTo(Win32Error.NO_ERROR);

        assertThat(other.fwpmProviderDeleteByKey0(ACME.key())).isEqualTo(Win32Error.FWP_E_IN_USE);

        other.fwpmSubLayerDeleteByKey0(KEY);
        assertThat(other.fwpmProviderDeleteByKey0(ACME.key())).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-134")
    void callouts_areThoseOfAProviderAndALayer() {
        Layer redirect = Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
        fwpm.fwpmProviderAdd0(ACME);
        fwpm.fwpmCalloutAdd0(new FwpmCallout(KEY, "acme's", LAYER, Set.of(), ACME.key(), 0), null);
        fwpm.fwpmCalloutAdd0(new FwpmCallout(new UUID(130, 8), "nobody's", redirect), null);

        assertThat(callouts(null)).containsExactly("acme's", "nobody's");
        assertThat(callouts(new FwpmCalloutEnumTemplate(null, null))).hasSize(2);
        assertThat(callouts(new FwpmCalloutEnumTemplate(ACME.key(), null))).containsExactly("acme's");
        assertThat(callouts(new FwpmCalloutEnumTemplate(null, redirect))).containsExactly("nobody's");
        assertThat(callouts(new FwpmCalloutEnumTemplate(ACME.key(), redirect))).isEmpty();
    }

    private List<String> callouts(@Nullable FwpmCalloutEnumTemplate template) {
        FwpmEnumHandle<FwpmCallout> handle = begun(out -> fwpm.fwpmCalloutCreateEnumHandle0(template, out));
        List<FwpmCallout> found = got(entries -> fwpm.fwpmCalloutEnum0(handle, 10, entries));
        assertThat(fwpm.fwpmCalloutDestroyEnumHandle0(handle)).isEqualTo(Win32Error.NO_ERROR);
        return found.stream().map(FwpmCallout::name).toList();
    }

    @Test
    @Spec("WFP-134")
    void providersAndTheirContexts_areEnumerated() {
        fwpm.fwpmProviderAdd0(ACME);
        Provider second = new Provider(KEY, "second");
        fwpm.fwpmProviderAdd0(second);
        FwpByteBlob data = FwpByteBlob.empty();
        fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(null, "acme's", ACME.key(), data, 0), null);
        fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(null, "nobody's", null, data, 0), null);

        FwpmEnumHandle<Provider> providers =
                begun(out -> fwpm.fwpmProviderCreateEnumHandle0(new FwpmProviderEnumTemplate(), out));
        assertThat(EnumerationTest.<List<Provider>>got(entries -> fwpm.fwpmProviderEnum0(providers, 10, entries)))
                .containsExactly(ACME, second);
        assertThat(fwpm.fwpmProviderDestroyEnumHandle0(providers)).isEqualTo(Win32Error.NO_ERROR);
        FwpmEnumHandle<FwpmProviderContext> contexts = begun(
                out -> fwpm.fwpmProviderContextCreateEnumHandle0(new FwpmProviderContextEnumTemplate(ACME.key()), out));
        assertThat(EnumerationTest.<List<FwpmProviderContext>>got(
                        entries -> fwpm.fwpmProviderContextEnum0(contexts, 10, entries)))
                .extracting(FwpmProviderContext::name)
                .containsExactly("acme's");
        assertThat(fwpm.fwpmProviderContextDestroyEnumHandle0(contexts)).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    void results_cannotBeChanged() {
        permit("a");

        List<Filter> filters = fwpm.filters(null);

        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(filters::clear);
    }
}
