package io.github.wfpsim.abi;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run-time filtering layer of application layer enforcement (ALE), where callouts see endpoints and connections.
 *
 * <p>Each layer exists once per address family. Filters name it by {@link #key()}, classifications by {@link #id()}.
 *
 * <p>Source: Management Filtering Layer Identifiers; Run-time Filtering Layer Identifiers; ALE Layers (WDK).
 * Requirements: WFP-01 to WFP-12.
 */
public enum Layer {
    /** Port assignment at bind, IPv4. */
    FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4(
            36, "1247d66d-0b60-4a15-8d44-7155d0f53a0c", AddressFamily.AF_INET, LayerFields.RESOURCE_ASSIGNMENT),

    /** Port assignment at bind, IPv6. */
    FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V6(
            38, "55a650e1-5f0a-4eca-a653-88f53b26aa8c", AddressFamily.AF_INET6, LayerFields.RESOURCE_ASSIGNMENT),

    /** Authorization of a TCP listener, IPv4. */
    FWPS_LAYER_ALE_AUTH_LISTEN_V4(
            40, "88bb5dad-76d7-4227-9c71-df0a3ed7be7e", AddressFamily.AF_INET, LayerFields.AUTH_LISTEN),

    /** Authorization of a TCP listener, IPv6. */
    FWPS_LAYER_ALE_AUTH_LISTEN_V6(
            42, "7ac9de24-17dd-4814-b4bd-a9fbc95a321b", AddressFamily.AF_INET6, LayerFields.AUTH_LISTEN),

    /** Authorization of an incoming connection, IPv4. */
    FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4(
            44, "e1cd9fe7-f4b5-4273-96c0-592e487b8650", AddressFamily.AF_INET, LayerFields.AUTH_RECV_ACCEPT),

    /** Authorization of an incoming connection, IPv6. */
    FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V6(
            46, "a3b42c97-9f04-4672-b87e-cee9c483257f", AddressFamily.AF_INET6, LayerFields.AUTH_RECV_ACCEPT),

    /** Authorization of an outgoing connection, IPv4. */
    FWPS_LAYER_ALE_AUTH_CONNECT_V4(
            48, "c38d57d1-05a7-4c33-904f-7fbceee60e82", AddressFamily.AF_INET, LayerFields.AUTH_CONNECT),

    /** Authorization of an outgoing connection, IPv6. */
    FWPS_LAYER_ALE_AUTH_CONNECT_V6(
            50, "4a72393b-319f-44bc-84c3-ba54dcb3b6b4", AddressFamily.AF_INET6, LayerFields.AUTH_CONNECT),

    /** Indication that a flow is up, IPv4. */
    FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4(
            52, "af80470a-5596-4c13-9992-539e6fe57967", AddressFamily.AF_INET, LayerFields.FLOW_ESTABLISHED),

    /** Indication that a flow is up, IPv6. */
    FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6(
            54, "7021d2b3-dfa4-406e-afeb-6afaf7e70efd", AddressFamily.AF_INET6, LayerFields.FLOW_ESTABLISHED),

    /** Indication that a port is free again, IPv4. */
    FWPS_LAYER_ALE_RESOURCE_RELEASE_V4(
            62, "74365cce-ccb0-401a-bfc1-b89934ad7e15", AddressFamily.AF_INET, LayerFields.RESOURCE_RELEASE),

    /** Indication that a port is free again, IPv6. */
    FWPS_LAYER_ALE_RESOURCE_RELEASE_V6(
            63, "f4e5ce80-edcc-4e13-8a2f-b91454bb057b", AddressFamily.AF_INET6, LayerFields.RESOURCE_RELEASE),

    /** Indication that an endpoint is gone, IPv4. */
    FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4(
            64, "b4766427-e2a2-467a-bd7e-dbcd1bd85a09", AddressFamily.AF_INET, LayerFields.ENDPOINT_CLOSURE),

    /** Indication that an endpoint is gone, IPv6. */
    FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V6(
            65, "bb536ccd-4755-4ba9-9ff7-f9edf8699c7b", AddressFamily.AF_INET6, LayerFields.ENDPOINT_CLOSURE),

    /** Redirection of one connection, IPv4. */
    FWPS_LAYER_ALE_CONNECT_REDIRECT_V4(
            66, "c6e63c8c-b784-4562-aa7d-0a67cfcaf9a3", AddressFamily.AF_INET, LayerFields.CONNECT_REDIRECT),

    /** Redirection of one connection, IPv6. */
    FWPS_LAYER_ALE_CONNECT_REDIRECT_V6(
            67, "587e54a7-8046-42ba-a0aa-b716250fc7fd", AddressFamily.AF_INET6, LayerFields.CONNECT_REDIRECT),

    /** Redirection of a bind, IPv4. */
    FWPS_LAYER_ALE_BIND_REDIRECT_V4(
            68, "66978cad-c704-42ac-86ac-7c1a231bd253", AddressFamily.AF_INET, LayerFields.BIND_REDIRECT),

    /** Redirection of a bind, IPv6. */
    FWPS_LAYER_ALE_BIND_REDIRECT_V6(
            69, "bef02c9c-606b-4536-8c26-1c2fc7b631d4", AddressFamily.AF_INET6, LayerFields.BIND_REDIRECT);

    private static final Map<Integer, Layer> BY_ID =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Layer::id, Function.identity()));
    private static final Map<UUID, Layer> BY_KEY =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Layer::key, Function.identity()));
    private static final Map<Layer, Layer> TWINS = twins();

    private final int id;
    private final UUID key;
    private final AddressFamily family;
    private final LayerFields content;

    Layer(int id, String key, AddressFamily family, LayerFields content) {
        this.id = id;
        this.key = UUID.fromString(key);
        this.family = family;
        this.content = content;
    }

    private static Map<Layer, Layer> twins() {
        Map<Layer, Layer> twins = new EnumMap<>(Layer.class);
        for (Layer one : values()) {
            for (Layer other : values()) {
                if (one != other && one.content == other.content) {
                    twins.put(one, other);
                }
            }
        }
        return Collections.unmodifiableMap(twins);
    }

    /** {@return the run-time identifier, FWPS_LAYER_*} */
    public int id() {
        return id;
    }

    /** {@return the management identifier, FWPM_LAYER_*, a GUID of fwpmu.h} */
    public UUID key() {
        return key;
    }

    /** {@return the address family whose traffic the layer sees} */
    public AddressFamily family() {
        return family;
    }

    /**
     * Returns the same layer for a family.
     *
     * @param wanted the family
     * @return this layer or its twin
     */
    public Layer withFamily(AddressFamily wanted) {
        Objects.requireNonNull(wanted, "wanted must not be null: name AF_INET or AF_INET6");
        return wanted == family ? this : Objects.requireNonNull(TWINS.get(this), "every layer has a twin");
    }

    /** {@return whether callouts can redirect here: true for CONNECT_REDIRECT and BIND_REDIRECT} */
    public boolean isRedirectLayer() {
        return content == LayerFields.CONNECT_REDIRECT || content == LayerFields.BIND_REDIRECT;
    }

    /**
     * {@return whether connections are authorized, and authorized again, here: true for AUTH_CONNECT, AUTH_LISTEN and
     * AUTH_RECV_ACCEPT}
     */
    public boolean isAuthorizationLayer() {
        return content == LayerFields.AUTH_CONNECT
                || content == LayerFields.AUTH_LISTEN
                || content == LayerFields.AUTH_RECV_ACCEPT;
    }

    /** {@return whether this is the indication of a new flow: true for FLOW_ESTABLISHED} */
    public boolean isFlowEstablished() {
        return content == LayerFields.FLOW_ESTABLISHED;
    }

    /**
     * {@return whether FwpsPendClassify0 can hold a classification here: true for the redirect layers and
     * ENDPOINT_CLOSURE}
     */
    public boolean canPendClassify() {
        return isRedirectLayer() || content == LayerFields.ENDPOINT_CLOSURE;
    }

    /**
     * {@return whether FwpsPendOperation0 can hold an operation here: true for the authorization layers and
     * RESOURCE_ASSIGNMENT}
     */
    public boolean canPendOperation() {
        return isAuthorizationLayer() || content == LayerFields.RESOURCE_ASSIGNMENT;
    }

    /**
     * {@return the fixed values of the layer in the order of their indices, immutable; null at an index whose field the
     * simulator does not fill}
     */
    public List<@Nullable ConditionField> fields() {
        return content.fields();
    }

    /**
     * Returns the index of a field among the fixed values, FWPS_FIELD_*.
     *
     * @param field the field
     * @return its index, or -1 if the layer does not offer it
     */
    public int indexOf(ConditionField field) {
        return content.indexOf(Objects.requireNonNull(field, "field must not be null: give a FWPM_CONDITION_*"));
    }

    /**
     * {@return the metadata that the layer can offer, immutable, in the order of the bits; a single classification may
     * carry less}
     */
    public Set<MetadataField> metadata() {
        return content.metadata();
    }

    /**
     * {@return which metadata a classification at this layer can carry, as bits: the codes of {@link #metadata()}, all
     * set}
     */
    public int metadataBits() {
        return content.metadataBits();
    }

    /**
     * Looks a run-time identifier up; total, never throws.
     *
     * @param id any number
     * @return the layer with that id, or empty if there is none here
     */
    public static Optional<Layer> fromCode(int id) {
        return Optional.ofNullable(BY_ID.get(id));
    }

    /**
     * Looks a management identifier up; total, never throws for a GUID.
     *
     * @param key any GUID
     * @return the layer with that key, or empty if there is none here
     */
    public static Optional<Layer> fromKey(UUID key) {
        return Optional.ofNullable(BY_KEY.get(Objects.requireNonNull(key, "key must not be null: give a GUID")));
    }
}
