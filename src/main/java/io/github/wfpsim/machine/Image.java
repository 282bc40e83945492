package io.github.wfpsim.machine;

import io.github.wfpsim.abi.FwpByteBlob;

/**
 * What processes of one image share: a machine remembers processes that have ended, which may be many.
 *
 * @param path the path as it was given
 * @param name its last part
 * @param appId the application id
 * @param appIdBlob the same in UTF-16 with a terminating null
 */
record Image(String path, String name, String appId, FwpByteBlob appIdBlob) {

    static Image of(String path, NtPaths paths) {
        String appId = paths.appId(path);
        String name = path.substring(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
        return new Image(path, name, appId, FwpByteBlob.ofText(appId));
    }
}
