/** Exit codes of the commands, after sysexits.h where it has one. */

/** Something was found wrong, or was refused. */
export const exitFailed = 1;
/** The command line was not understood. */
export const exitUsage = 64;
/** Some of what was given cannot be taken; the rest was (EX_DATAERR). */
export const exitSomeRefused = 65;
/** A file or folder cannot be made or written. */
export const exitCannotCreate = 73;
/** A port or a data folder that is needed is in use. */
export const exitUnavailable = 69;
