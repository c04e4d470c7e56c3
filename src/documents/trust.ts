/**
 * The promise between who writes documents and who serves them: a read worker trusts a document in its memory for this long
 * without looking at the store, and a publish waits this long after its last write. From then on every worker of the machine
 * serves the new document (docs/decisions/0007-readers-see-a-publish-at-once.md).
 */
export const documentTrustMs = 2;
