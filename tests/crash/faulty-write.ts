/**
 * A write process with a fault planted in its store, to show that the sweep catches it: `faulty-write.ts FAULT`. Each fault
 * breaks the order blob < catalogue < record < leaf < index < answer at one place, by doing later what must be done before.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { publicFolder, recordsFolder } from '../../src/blobs/keys.ts';
import { localStore } from '../../src/blobs/local.ts';
import type { BlobStore, Key, NewObject } from '../../src/blobs/store.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openLog } from '../../src/observe/log.ts';
import { announceReady, stopOnSignals } from '../../src/roles/running.ts';
import { runWrite } from '../../src/roles/write.ts';

/** Long enough that on a busy machine, too, a kill comes between the answer and the late work. */
const lateMs = 2_000;

/** Says that it is done, and does it later, unless the process has died by then. */
async function later(work: () => Promise<void>): Promise<void> {
  void wait(lateMs).then(work);
}

/** Some objects are put late. */
function putsLate(store: BlobStore, isLate: (object: NewObject) => boolean): BlobStore {
  return {
    ...store,
    async putAll(groups) {
      const late = groups.map((group) => group.filter(isLate));
      await store.putAll(groups.map((group) => group.filter((object) => !isLate(object))));
      if (late.some((group) => group.length > 0)) await later(() => store.putAll(late));
    },
  };
}

function isDocumentOrRecordIn(folder: Key): (object: NewObject) => boolean {
  return (object) => 'bytes' in object && object.key.startsWith(`${folder}/`);
}

const faults: Record<string, (store: BlobStore) => BlobStore> = {
  'answer before the record': (store) => putsLate(store, isDocumentOrRecordIn(recordsFolder)),
  'answer before the documents': (store) => putsLate(store, isDocumentOrRecordIn(publicFolder)),
  'answer before what is deleted is gone': (store) => ({
    ...store,
    delete: async (key) => {
      void later(async () => void (await store.delete(key)));
      return true;
    },
  }),
  'documents before the files they lead to': (store) => putsLate(store, (object) => 'link' in object),
};

const plant = faults[process.argv[2] ?? ''];
const config = loadConfig(process.env, process.cwd());
if (!plant || 'problems' in config) throw new Error(`usage: faulty-write.ts ${Object.keys(faults).join(' | ')}`);
mkdirSync(config.dataDir, { recursive: true });
process.chdir(config.dataDir);
const running = await runWrite(config, { store: (folders) => plant(localStore(folders.store)) });
stopOnSignals(running, openLog('write', config.logLevel));
announceReady();
