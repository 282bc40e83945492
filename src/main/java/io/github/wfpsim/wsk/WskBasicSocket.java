package io.github.wfpsim.wsk;

/** A socket that only controls the transport. Source: WSK_PROVIDER_BASIC_DISPATCH (WDK). Requirement: WSKS-05. */
public interface WskBasicSocket extends WskSocket {}
