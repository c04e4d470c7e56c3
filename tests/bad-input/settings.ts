/** The limits that the gallery of these tests runs with, where the usual ones would take too long to reach. */
const mebibyte = 1024 * 1024;

export const uploadBytesMax = 8 * mebibyte;
export const archiveEntriesMax = 5_000;
export const archiveUnpackedBytesMax = 256 * mebibyte;
export const headersMs = 600;
export const uploadIdleMs = 1_000;

/** As environment variables. */
export const settings: Record<string, string> = {
  HOLDFAST_UPLOAD_BYTES_MAX: String(uploadBytesMax),
  HOLDFAST_ARCHIVE_ENTRIES_MAX: String(archiveEntriesMax),
  HOLDFAST_ARCHIVE_UNPACKED_BYTES_MAX: String(archiveUnpackedBytesMax),
  HOLDFAST_HEADERS_MS: String(headersMs),
  HOLDFAST_UPLOAD_IDLE_MS: String(uploadIdleMs),
};
