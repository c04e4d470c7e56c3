/**
 * A mirror in the manner of bandersnatch 8.0, from its documented steps (pypa/bandersnatch 6c22dfd: master.py, mirror.py,
 * package.py, simple.py; read, not run): the list of projects with their serials, the JSON of each, its files and their metadata.
 * What the mirror has in the end is what was published, and pip installs from it.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeSdist } from '../packages/sdist.ts';
import { callApi, uploadPython } from '../publish/upload.ts';
import { requireOrSkip } from './runners/available.ts';
import { preparePip } from './runners/pip.ts';
import { ask, publishWheel, unlist } from './runners/publish.ts';
import { describeResult } from './runners/run.ts';
import { openWorkspace } from './runners/workspace.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

/** What bandersnatch reads of a file in the JSON of a project. */
interface ReleaseFile {
  readonly filename: string;
  readonly url: string;
  readonly size: number;
  readonly digests: { readonly sha256: string; readonly md5: string };
  readonly upload_time_iso_8601: string;
  readonly requires_python: string | null;
  readonly yanked: boolean;
  readonly yanked_reason: string | null;
  readonly 'core-metadata': false | { readonly sha256: string };
}

interface ProjectJson {
  readonly info: { readonly name: string };
  readonly last_serial: number;
  readonly releases: Readonly<Record<string, readonly ReleaseFile[]>>;
}

/** The copy: files by path, projects by name, and the serial up to which it is complete. */
class Mirror {
  readonly url: string;
  readonly files = new Map<string, Buffer>();
  readonly projects = new Map<string, ProjectJson>();
  serial = 0;

  constructor(url: string) {
    this.url = url;
  }

  /** One run. @returns the projects that it looked at */
  async synchronise(): Promise<string[]> {
    const serials = await this.#allPackages();
    const changed = [...serials].filter(([, serial]) => serial > this.serial).map(([name]) => name);
    for (const name of this.projects.keys()) if (!serials.has(name)) this.projects.delete(name);
    for (const name of changed) await this.#synchroniseProject(name, serials.get(name)!);
    this.serial = Math.max(this.serial, ...serials.values());
    return changed;
  }

  /** Without the slash at its end, as bandersnatch asks; the redirect must keep the form. */
  async #allPackages(): Promise<Map<string, number>> {
    const headers = { Accept: 'application/vnd.pypi.simple.v1+json' };
    const answer = await fetch(`${this.url}/simple`, { headers });
    assert.equal(answer.status, 200);
    // aiohttp reads JSON only from an answer that says it is JSON.
    assert.match(answer.headers.get('content-type') ?? '', /^application\/([^;]+\+)?json$/);
    const list = (await answer.json()) as { projects: { name: string; '_last-serial': number }[] };
    for (const project of list.projects) assert.ok(Number.isInteger(project['_last-serial']), project.name);
    return new Map(list.projects.map((project) => [project.name, project['_last-serial']]));
  }

  async #synchroniseProject(name: string, wantedSerial: number): Promise<void> {
    const answer = await ask(`${this.url}/pypi/${name}/json`);
    if (answer.status === 404) {
      this.projects.delete(name);
      return;
    }
    assert.equal(answer.status, 200);
    const gotSerial = Number(answer.headers['x-pypi-last-serial']);
    assert.ok(gotSerial >= wantedSerial, `stale page: wanted ${wantedSerial}, got ${gotSerial}`);
    const project = JSON.parse(answer.body.toString()) as ProjectJson;
    for (const file of Object.values(project.releases).flat()) await this.#synchroniseFile(file);
    this.projects.set(name, project);
  }

  async #synchroniseFile(file: ReleaseFile): Promise<void> {
    const path = decodeURIComponent(new URL(file.url).pathname);
    assert.ok(path.startsWith('/packages'), `bandersnatch refuses the address ${file.url}`);
    assert.ok(!Number.isNaN(Date.parse(file.upload_time_iso_8601)));
    await this.#keep(path, file.url, file.digests.sha256);
    assert.equal(this.files.get(path)?.length, file.size);
    const metadata = file['core-metadata'];
    if (metadata !== false) await this.#keep(`${path}.metadata`, `${file.url}.metadata`, metadata.sha256);
  }

  async #keep(path: string, url: string, sha256: string): Promise<void> {
    if (this.files.has(path)) return;
    const answer = await ask(url);
    assert.equal(answer.status, 200, url);
    assert.equal(createHash('sha256').update(answer.body).digest('hex'), sha256, url);
    this.files.set(path, answer.body);
  }

  /** The page that a mirror makes of the JSON for its own installers. */
  page(name: string): string {
    const files = Object.values(this.projects.get(name)!.releases).flat();
    const lines = files.map((file) => {
      const metadata = file['core-metadata'];
      const attributes = [
        file.requires_python === null ? '' : ` data-requires-python="${file.requires_python.replaceAll('>', '&gt;')}"`,
        metadata === false ? '' : ` data-core-metadata="sha256=${metadata.sha256}"`,
        file.yanked ? ` data-yanked="${file.yanked_reason ?? ''}"` : '',
      ];
      const address = `../..${new URL(file.url).pathname}#sha256=${file.digests.sha256}`;
      return `<a href="${address}"${attributes.join('')}>${file.filename}</a><br/>`;
    });
    return `<!DOCTYPE html>\n<html><body>\n${lines.join('\n')}\n</body></html>\n`;
  }
}

test('a mirror copies everything, byte for byte, follows what changes, and pip installs from it', async (t) => {
  const needed = await publishWheel(gallery, { name: 'demo-needed', version: '1.5' });
  const library = await publishWheel(gallery, {
    name: 'Demo.Lib',
    version: '2.0+local.1',
    requiresDist: ['demo-needed>=1'],
    requiresPython: '>=3.8',
  });
  const old = { name: 'Demo.Lib', version: '1.0', metadataVersion: '2.1' };
  const sdist = await makeSdist(old);
  assert.equal((await uploadPython(gallery, sdist)).status, 200);
  await settled();

  const mirror = new Mirror(gallery.url);
  assert.deepEqual(await mirror.synchronise(), ['demo-lib', 'demo-needed']);
  // Metadata of an old sdist is not served: a build may yield other.
  const expected = [needed.bytes, needed.metadata, library.bytes, library.metadata, sdist.bytes];
  assert.deepEqual([...mirror.files.values()].map(digest).sort(), expected.map(digest).sort());
  assert.equal(mirror.projects.get('demo-lib')?.info.name, 'Demo.Lib');
  assert.deepEqual(await mirror.synchronise(), [], 'nothing has changed');

  await unlist(gallery, 'python', 'demo-lib', '2.0+local.1', 'broken');
  await settled();
  assert.deepEqual(await mirror.synchronise(), ['demo-lib']);
  const [yanked] = mirror.projects.get('demo-lib')!.releases['2.0+local.1']!;
  assert.deepEqual([yanked?.yanked, yanked?.yanked_reason], [true, 'broken']);

  const library3 = await publishWheel(gallery, { name: 'Demo.Lib', version: '3.0', requiresDist: ['demo-needed>=1'] });
  await settled();
  assert.deepEqual(await mirror.synchronise(), ['demo-lib']);
  assert.ok([...mirror.files.values()].some((bytes) => bytes.equals(library3.bytes)));
  await installFromCopy(t, mirror);
});

test('a project that was deleted is gone from the list and from the JSON, and a mirror lets go of it', async () => {
  await publishWheel(gallery, { name: 'demo-doomed', version: '1.0' });
  await settled();
  const mirror = new Mirror(gallery.url);
  await mirror.synchronise();
  assert.ok(mirror.projects.has('demo-doomed'));

  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/python/demo-doomed')).status, 200);
  assert.equal((await ask(`${gallery.url}/pypi/demo-doomed/json`)).status, 404);
  await settled();
  await mirror.synchronise();
  assert.ok(!mirror.projects.has('demo-doomed'));
});

/** Writes the copy into a folder as a mirror does, and lets pip install from there alone. */
async function installFromCopy(t: Pick<TestContext, 'skip'>, mirror: Mirror): Promise<void> {
  if (!requireOrSkip(t, 'pip')) return;
  await using copy = await openWorkspace('copy');
  for (const [path, bytes] of mirror.files) await copy.write(path.slice(1), bytes);
  for (const name of mirror.projects.keys()) await copy.write(`simple/${name}/index.html`, mirror.page(name));
  await using pip = await preparePip({ indexUrl: `file://${copy.folder}/simple/` });
  const installed = await pip.install(['demo-lib']);
  assert.equal(installed.exitCode, 0, describeResult(installed));
  assert.deepEqual(await pip.installedPackages(), ['demo_lib-3.0', 'demo_needed-1.5']);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The list of projects is made by a job; a mirror that comes too early comes again. */
async function settled(): Promise<void> {
  await waitFor(async () => {
    const health = JSON.parse((await ask(`${gallery.url}/api/health`)).body.toString());
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}
