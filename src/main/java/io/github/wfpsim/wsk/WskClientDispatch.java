package io.github.wfpsim.wsk;

/** A table of event callbacks that a driver gives to WskSocket, of the type that goes with the socket's category. */
public sealed interface WskClientDispatch
        permits WskClientListenDispatch,
                WskClientConnectionDispatch,
                WskClientDatagramDispatch,
                WskClientStreamDispatch {}
