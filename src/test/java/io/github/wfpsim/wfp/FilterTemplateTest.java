package io.github.wfpsim.wfp;

import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_ALE_PACKAGE_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_ALE_USER_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_FLAGS;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_LOCAL_PORT;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_REMOTE_PORT;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_EQUAL;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_EQUAL_CASE_INSENSITIVE;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_FLAGS_ALL_SET;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_FLAGS_ANY_SET;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_FLAGS_NONE_SET;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_GREATER;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_GREATER_OR_EQUAL;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_LESS;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_NOT_EQUAL;
import static io.github.wfpsim.abi.MatchType.FWP_MATCH_RANGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FilterEnumType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.wfp.FilterCondition.Range;
import io.github.wfpsim.wfp.FilterCondition.Subnet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which filters a template describes. */
@Timeout(60)
class FilterTemplateTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final FwpmFilterEnumTemplate ALL = FwpmFilterEnumTemplate.at(LAYER);
    private static final UUID CALLOUT = new UUID(133, 1);
    private static final Provider ACME = new Provider(new UUID(133, 2), "Acme");

    private final WfpSim sim = WfpSim.open();
    private final Fwpm fwpm = sim.fwpm();

    @AfterEach
    void closeMachine() {
        sim.close();
    }

    private static Filter.Builder named(String name) {
        return Filter.at(LAYER).name(name);
    }

    private List<String> found(FwpmFilterEnumTemplate template) {
        return fwpm.filters(template).stream().map(Filter::name).toList();
    }

    private Win32Error refusal(FwpmFilterEnumTemplate template) {
        Out<FwpmEnumHandle<Filter>> handle = Out.empty();
        Win32Error refusal = fwpm.fwpmFilterCreateEnumHandle0(template, handle);
        assertThat(handle.get() == null).isEqualTo(refusal != Win32Error.NO_ERROR);
        return refusal;
    }

    // ---- what a filter is

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-133")
    void template_isForOneLayer(AddressFamily family) {
        fwpm.addFilter(Filter.at(LAYER).name("4").permit());
        fwpm.addFilter(
                Filter.at(LAYER.withFamily(AddressFamily.AF_INET6)).name("6").permit());

        assertThat(found(FwpmFilterEnumTemplate.at(LAYER.withFamily(family))))
                .containsExactly(family == AddressFamily.AF_INET ? "4" : "6");
    }

    @Test
    @Spec("WFP-133")
    void template_narrowsByProviderAndCallout() {
        fwpm.fwpmProviderAdd0(ACME);
        fwpm.addFilter(named("acme's").provider(ACME).permit());
        fwpm.addFilter(named("asks").callout(CALLOUT));
        fwpm.addFilter(named("asks another").callout(new UUID(133, 9)));

        assertThat(found(ALL)).hasSize(3);
        assertThat(found(ALL.provider(ACME))).containsExactly("acme's");
        assertThat(found(ALL.provider(new Provider(new UUID(0, 1), "nobody")))).isEmpty();
        assertThat(found(ALL.callout(CALLOUT))).containsExactly("asks");
    }

    @Test
    @Spec("WFP-133")
    void actionMask_wantsOneBitInCommon() {
        fwpm.addFilter(named("permit").permit());
        fwpm.addFilter(named("block").block());
        fwpm.addFilter(named("terminating").callout(CALLOUT));
        fwpm.addFilter(named("inspection").build(ActionType.FWP_ACTION_CALLOUT_INSPECTION, CALLOUT));
        int terminating = ActionType.FWP_ACTION_FLAG_TERMINATING;

        assertThat(found(ALL.actionMask(terminating))).containsExactly("permit", "block", "terminating");
        assertThat(found(ALL.actionMask(ActionType.FWP_ACTION_FLAG_CALLOUT).callout(CALLOUT)))
                .containsExactly("terminating", "inspection");
        assertThat(found(ALL.actionMask(ActionType.FWP_ACTION_BLOCK.code() ^ terminating)))
                .as("FWP_ACTION_CALLOUT_TERMINATING has the bit as well")
                .containsExactly("block", "terminating");
        assertThat(found(ALL.actionMask(ActionType.FWP_ACTION_PERMIT.code()))).hasSize(3);
    }

    @Test
    @Spec("WFP-133")
    void template_thatNothingCanMatch_isRefused() {
        assertThat(List.of(
                        refusal(ALL.actionMask(0)),
                        refusal(ALL.actionMask(0x8000)),
                        refusal(ALL.actionMask(0x10).callout(CALLOUT))))
                .containsOnly(Win32Error.FWP_E_NEVER_MATCH);
        assertThat(refusal(ALL.actionMask(ActionType.FWP_ACTION_FLAG_CALLOUT)))
                .isEqualTo(Win32Error.FWP_E_NULL_POINTER);
        assertThat(refusal(ALL.flags(0x40))).isEqualTo(Win32Error.FWP_E_INVALID_FLAGS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fwpm.filters(ALL.actionMask(0)))
                .withMessageContaining("FWP_E_NEVER_MATCH");
    }

    @Test
    @Spec("WFP-133")
    void template_withoutALayer_isRefused_butItsActionMaskComesFirst() {
        Function<Integer, FwpmFilterEnumTemplate> withoutLayer = mask -> new FwpmFilterEnumTemplate(
                ACME.key(), null, FilterEnumType.FWP_FILTER_ENUM_FULLY_CONTAINED, 0, null, List.of(), mask, null);

        assertThat(refusal(withoutLayer.apply(0))).isEqualTo(Win32Error.FWP_E_NEVER_MATCH);
        assertThat(refusal(withoutLayer.apply(0xFFFFFFFF))).isEqualTo(Win32Error.FWP_E_LAYER_NOT_FOUND);
    }

    // ---- conditions

    private static FilterCondition is(ConditionField field, MatchType match, Object value) {
        return new FilterCondition(field, match, value);
    }

    private static FilterCondition port(MatchType match, Object value) {
        return is(FWPM_CONDITION_IP_REMOTE_PORT, match, value);
    }

    private static FilterCondition flags(MatchType match, int value) {
        return is(FWPM_CONDITION_FLAGS, match, value);
    }

    private static FilterCondition to(MatchType match, String address, @Nullable Integer prefix) {
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return is(FWPM_CONDITION_IP_REMOTE_ADDRESS, match, prefix == null ? parsed : new Subnet(parsed, prefix));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** How a filter with some alternatives on one field stands to a template with one condition on it. */
    private String relation(FilterCondition asked, FilterCondition... alternatives) {
        Filter.Builder filter = named("filter");
        for (FilterCondition one : alternatives) {
            filter.when(one);
        }
        long id = fwpm.addFilter(filter.permit());
        boolean contained = !fwpm.filters(ALL.when(asked)).isEmpty();
        boolean overlapping = !fwpm.filters(ALL.when(asked).overlapping()).isEmpty();
        fwpm.fwpmFilterDeleteById0(id);
        assertThat(overlapping || !contained).as("what contains also overlaps").isTrue();
        return contained ? "contains" : overlapping ? "overlaps" : "is apart";
    }

    @Test
    @Spec("WFP-135")
    void numbers_areComparedAsSets() {
        FilterCondition web = port(FWP_MATCH_EQUAL, 80);
        assertThat(relation(web)).isEqualTo("contains");
        assertThat(relation(web, web)).isEqualTo("contains");
        assertThat(relation(web, port(FWP_MATCH_EQUAL, 443))).isEqualTo("is apart");
        assertThat(relation(web, port(FWP_MATCH_EQUAL, 443), web)).isEqualTo("contains");
        assertThat(relation(web, port(FWP_MATCH_NOT_EQUAL, 80))).isEqualTo("is apart");
        assertThat(relation(web, port(FWP_MATCH_RANGE, new Range(1, 80)))).isEqualTo("contains");
        assertThat(relation(web, port(FWP_MATCH_RANGE, new Range(81, 90)))).isEqualTo("is apart");
        FilterCondition low = port(FWP_MATCH_RANGE, new Range(1, 1023));
        assertThat(relation(low, web)).isEqualTo("overlaps");
        assertThat(relation(low, port(FWP_MATCH_RANGE, new Range(1, 512)), port(FWP_MATCH_GREATER, 512)))
                .as("two alternatives together")
                .isEqualTo("contains");
        assertThat(relation(low, port(FWP_MATCH_LESS, 1023))).isEqualTo("overlaps");
        assertThat(relation(port(FWP_MATCH_GREATER_OR_EQUAL, 65535), port(FWP_MATCH_EQUAL, 65535)))
                .as("there is no higher port")
                .isEqualTo("contains");
    }

    @Test
    @Spec("WFP-135")
    void flags_areComparedAsSets() {
        FilterCondition both = flags(FWP_MATCH_FLAGS_ALL_SET, 0b11);
        assertThat(relation(both, flags(FWP_MATCH_FLAGS_ALL_SET, 0b01))).isEqualTo("contains");
        assertThat(relation(flags(FWP_MATCH_FLAGS_ALL_SET, 0b01), both)).isEqualTo("overlaps");
        assertThat(relation(both, flags(FWP_MATCH_FLAGS_NONE_SET, 0b10))).isEqualTo("is apart");
        assertThat(relation(flags(FWP_MATCH_FLAGS_ANY_SET, 0b11), both)).isEqualTo("overlaps");
        assertThat(relation(both, flags(FWP_MATCH_FLAGS_ANY_SET, 0b110))).isEqualTo("contains");
        assertThat(relation(
                        flags(FWP_MATCH_FLAGS_ALL_SET, 0x40),
                        flags(FWP_MATCH_FLAGS_NONE_SET, 0x8),
                        flags(FWP_MATCH_FLAGS_ALL_SET, 0x4)))
                .as("0x48 meets neither alternative")
                .isEqualTo("overlaps");
    }

    @Test
    @Spec("WFP-135")
    void addresses_areComparedAsSets() {
        FilterCondition subnet = to(FWP_MATCH_EQUAL, "10.1.0.0", 16);
        assertThat(relation(to(FWP_MATCH_EQUAL, "10.1.2.3", null), subnet)).isEqualTo("contains");
        assertThat(relation(to(FWP_MATCH_EQUAL, "10.2.2.3", null), subnet)).isEqualTo("is apart");
        assertThat(relation(to(FWP_MATCH_EQUAL, "10.0.0.0", 8), subnet)).isEqualTo("overlaps");
        assertThat(relation(subnet, to(FWP_MATCH_EQUAL, "10.0.0.0", 8))).isEqualTo("contains");
        assertThat(relation(subnet, to(FWP_MATCH_NOT_EQUAL, "10.1.0.0", 17))).isEqualTo("overlaps");
        assertThat(relation(subnet, to(FWP_MATCH_NOT_EQUAL, "11.0.0.0", 8))).isEqualTo("contains");
        assertThat(relation(to(FWP_MATCH_NOT_EQUAL, "10.1.0.0", 16), to(FWP_MATCH_EQUAL, "10.0.0.0", 8)))
                .as("the rest of the world is outside")
                .isEqualTo("overlaps");
        assertThat(relation(subnet, to(FWP_MATCH_EQUAL, "10.1.0.0", 17), to(FWP_MATCH_EQUAL, "10.1.128.0", 17)))
                .isEqualTo("contains");
    }

    @Test
    @Spec("WFP-135")
    void textsUsersAndApplications_areComparedAsSets() {
        FilterCondition sid = is(FWPM_CONDITION_ALE_PACKAGE_ID, FWP_MATCH_EQUAL, "S-1-15-2-a");
        FilterCondition anyCase = is(FWPM_CONDITION_ALE_PACKAGE_ID, FWP_MATCH_EQUAL_CASE_INSENSITIVE, "s-1-15-2-A");
        assertThat(relation(sid, anyCase)).isEqualTo("contains");
        assertThat(relation(anyCase, sid)).isEqualTo("overlaps");
        FilterCondition notSid = is(FWPM_CONDITION_ALE_PACKAGE_ID, FWP_MATCH_NOT_EQUAL, "S-1-15-2-a");
        assertThat(relation(notSid, sid)).isEqualTo("is apart");
        FilterCondition user = is(FWPM_CONDITION_ALE_USER_ID, FWP_MATCH_EQUAL, Token.SYSTEM);
        assertThat(relation(user, is(FWPM_CONDITION_ALE_USER_ID, FWP_MATCH_NOT_EQUAL, Token.STANDARD_USER)))
                .isEqualTo("contains");
        FilterCondition app = FilterCondition.appId("C:\\App.exe");
        assertThat(relation(app, FilterCondition.appId("c:\\APP.EXE"))).isEqualTo("contains");
        assertThat(relation(app, FilterCondition.appId("C:\\other.exe"))).isEqualTo("is apart");
    }

    @Test
    @Spec("WFP-135")
    void filter_withMoreConditions_overlapsOnly() {
        FilterCondition local = is(FWPM_CONDITION_IP_LOCAL_PORT, FWP_MATCH_EQUAL, 5000);
        FilterCondition remote = port(FWP_MATCH_EQUAL, 80);

        assertThat(relation(remote, remote, local)).isEqualTo("overlaps");
        fwpm.addFilter(named("both").when(remote).when(local).permit());
        assertThat(found(ALL.when(remote).when(local))).containsExactly("both");
        assertThat(found(ALL)).as("no conditions match all").containsExactly("both");
        assertThat(found(ALL.when(port(FWP_MATCH_EQUAL, 81)).when(local).overlapping()))
                .isEmpty();
    }

    @Test
    @Spec("WFP-135")
    void conditions_areJudgedAsThoseOfFilters_andTwoOnOneFieldAreTooMany() {
        assertThat(refusal(ALL.when(port(FWP_MATCH_EQUAL, 80)).when(port(FWP_MATCH_EQUAL, 81))))
                .isEqualTo(Win32Error.FWP_E_DUPLICATE_CONDITION);
        FilterCondition local = is(FWPM_CONDITION_IP_LOCAL_PORT, FWP_MATCH_EQUAL, 1);
        assertThat(refusal(FwpmFilterEnumTemplate.at(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4)
                        .when(port(FWP_MATCH_EQUAL, 80))))
                .isEqualTo(Win32Error.FWP_E_CONDITION_NOT_FOUND);
        assertThat(refusal(ALL.when(is(FWPM_CONDITION_IP_REMOTE_PORT, FWP_MATCH_EQUAL, "80"))))
                .isEqualTo(Win32Error.FWP_E_TYPE_MISMATCH);
        assertThat(refusal(ALL.when(is(FWPM_CONDITION_ALE_USER_ID, FWP_MATCH_FLAGS_ALL_SET, 1))))
                .isEqualTo(Win32Error.FWP_E_MATCH_TYPE_MISMATCH);
        assertThat(refusal(ALL.when(local))).isEqualTo(Win32Error.NO_ERROR);
    }

    /** Small numbers, all of which are tried: what the sets have in common must be what counting gives. */
    @Test
    @Spec("WFP-135")
    void randomConditions_agreeWithCounting() {
        Random random = new Random(135);
        for (int i = 0; i < 1_500; i++) {
            FilterCondition asked = smallCondition(random);
            FilterCondition[] alternatives = new FilterCondition[1 + random.nextInt(2)];
            for (int j = 0; j < alternatives.length; j++) {
                alternatives[j] = smallCondition(random);
            }
            boolean some = false;
            boolean all = true;
            for (int value = 0; value <= 0xFF; value++) {
                boolean inside = meets(asked, value);
                boolean met = false;
                for (FilterCondition one : alternatives) {
                    met |= meets(one, value);
                }
                some |= inside && met;
                all &= !inside || met;
            }
            String expected = !some ? "is apart" : all ? "contains" : "overlaps";
            assertThat(relation(asked, alternatives))
                    .as("%s against %s", List.of(alternatives), asked)
                    .isEqualTo(expected);
        }
    }

    private static FilterCondition smallCondition(Random random) {
        ConditionField protocol = ConditionField.FWPM_CONDITION_IP_PROTOCOL;
        int low = random.nextInt(8);
        return switch (random.nextInt(5)) {
            case 0 -> is(protocol, FWP_MATCH_EQUAL, low);
            case 1 -> is(protocol, FWP_MATCH_NOT_EQUAL, low);
            case 2 -> is(protocol, FWP_MATCH_RANGE, new Range(low, low + random.nextInt(8)));
            case 3 -> is(protocol, FWP_MATCH_GREATER, low);
            default -> is(protocol, FWP_MATCH_LESS, low + 1);
        };
    }

    private static boolean meets(FilterCondition condition, int value) {
        return switch (condition.matchType()) {
            case FWP_MATCH_EQUAL -> value == (Integer) condition.value();
            case FWP_MATCH_NOT_EQUAL -> value != (Integer) condition.value();
            case FWP_MATCH_RANGE ->
                value >= ((Range) condition.value()).low() && value <= ((Range) condition.value()).high();
            case FWP_MATCH_GREATER -> value > (Integer) condition.value();
            default -> value < (Integer) condition.value();
        };
    }

    // ---- order

    @Test
    @Spec("WFP-136")
    void sorted_isTheOrderInWhichFiltersAreAsked() {
        SubLayer heavy = fwpm.addSubLayer(new SubLayer(new UUID(133, 20), "heavy", 0xF000));
        SubLayer light = fwpm.addSubLayer(new SubLayer(new UUID(133, 21), "light", 1));
        fwpm.addFilter(named("light 9")
                .subLayer(light)
                .weight(FilterWeight.explicit(9))
                .permit());
        fwpm.addFilter(named("heavy 1")
                .subLayer(heavy)
                .weight(FilterWeight.explicit(1))
                .callout(CALLOUT));
        fwpm.addFilter(named("heavy max")
                .subLayer(heavy)
                .weight(FilterWeight.explicit(-1))
                .build(ActionType.FWP_ACTION_CALLOUT_INSPECTION, CALLOUT));
        fwpm.addFilter(named("heavy 1, younger")
                .subLayer(heavy)
                .weight(FilterWeight.explicit(1))
                .permit());
        int sorted = FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_SORTED;
        int best = FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_BEST_TERMINATING_MATCH;

        assertThat(found(ALL.flags(sorted))).containsExactly("heavy max", "heavy 1, younger", "heavy 1", "light 9");
        assertThat(found(ALL.flags(best))).containsExactly("heavy 1, younger");
        assertThat(found(ALL.flags(best)
                        .actionMask(ActionType.FWP_ACTION_FLAG_CALLOUT)
                        .callout(CALLOUT)))
                .containsExactly("heavy 1");
        assertThat(found(FwpmFilterEnumTemplate.at(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4)
                        .flags(best)))
                .isEmpty();
    }

    // ---- flags and provider contexts of filters

    @Test
    @Spec("WFP-137")
    void bootTimeAndDisabledFilters_areListedIfAskedFor() {
        fwpm.addFilter(named("plain").permit());
        fwpm.addFilter(named("boot").flag(FilterFlag.FWPM_FILTER_FLAG_BOOTTIME).permit());
        fwpm.addFilter(named("off").flag(FilterFlag.FWPM_FILTER_FLAG_DISABLED).permit());
        fwpm.addFilter(named("boot, off")
                .flag(FilterFlag.FWPM_FILTER_FLAG_BOOTTIME)
                .flag(FilterFlag.FWPM_FILTER_FLAG_DISABLED)
                .permit());
        int withBoot = FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_INCLUDE_BOOTTIME;
        int withDisabled = FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_INCLUDE_DISABLED;
        int onlyBoot = FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_BOOTTIME_ONLY;

        assertThat(found(ALL)).containsExactly("plain");
        assertThat(found(ALL.flags(withBoot))).containsExactly("plain", "boot");
        assertThat(found(ALL.flags(withDisabled))).containsExactly("plain", "off");
        assertThat(found(ALL.flags(withBoot | withDisabled))).hasSize(4);
        assertThat(found(ALL.flags(onlyBoot))).containsExactly("boot");
        assertThat(found(ALL.flags(onlyBoot | withBoot | withDisabled))).containsExactly("boot");
    }

    @Test
    @Spec("WFP-137")
    void template_narrowsByProviderContext() {
        fwpm.fwpmProviderAdd0(ACME);
        UUID acmes = new UUID(133, 30);
        UUID nobodys = new UUID(133, 31);
        FwpByteBlob data = FwpByteBlob.empty();
        fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(acmes, "acme's", ACME.key(), data, 0), null);
        fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(nobodys, "nobody's", null, data, 0), null);
        fwpm.addFilter(named("plain").permit());
        fwpm.addFilter(named("with acme's").providerContext(acmes).permit());
        fwpm.addFilter(named("with nobody's").providerContext(nobodys).permit());

        assertThat(found(ALL.providerContext(new FwpmProviderContextEnumTemplate(null))))
                .containsExactly("with acme's", "with nobody's");
        assertThat(found(ALL.providerContext(new FwpmProviderContextEnumTemplate(ACME.key()))))
                .containsExactly("with acme's");
    }
}
