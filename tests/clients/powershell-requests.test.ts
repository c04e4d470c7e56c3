/**
 * Every form of request that PowerShellGet 2 and PSResourceGet send, as text: `powershell/requests/*.json` has the address exactly as .NET
 * encodes it, the headers, where in the client's source it comes from, and what the gallery has to answer.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { decoded, send } from './powershell/dotnet-http.ts';
import { elementsByTagName, innerText, readXml, type XmlElement } from './powershell/dotnet-xml.ts';
import { publishModule, publishScript, untilSearchHas } from './powershell/publish.ts';
import { identityIn, unzip } from './powershell/unzip.ts';
import { publishNupkg } from './runners/publish.ts';

interface RequestForm {
  /** What the user typed. */
  readonly typed: string;
  readonly source: string;
  readonly method: string;
  readonly path: string;
  readonly headers: string;
  readonly answer: {
    readonly status?: number;
    readonly statusNot?: number;
    readonly startsWith?: string;
    /** `Id NormalizedVersion`, in the order of the answer. */
    readonly entries?: readonly string[];
    /** The client does not look at the order: entries are given sorted. */
    readonly anyOrder?: boolean;
    /** There may be others too, which the client leaves out. */
    readonly contains?: boolean;
    /** `m:count` */
    readonly count?: number;
    readonly nupkg?: string;
    /** The length is told, and nothing is encoded. */
    readonly isPlainDownload?: boolean;
  };
}

interface RequestForms {
  readonly client: string;
  readonly version: string;
  readonly headers: Readonly<Record<string, Record<string, string>>>;
  readonly requests: readonly RequestForm[];
}

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  const demo = { id: 'Az.Demo', tags: ['Cloud', 'Storage'], functions: ['Get-AzDemo'] };
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) await publishModule(gallery, { ...demo, version });
  await publishModule(gallery, { ...demo, version: '3.0.0', prerelease: 'Beta2' });
  await publishModule(gallery, { id: 'Az.Other', version: '1.0.0', cmdlets: ['Get-AzDemo', 'Set-AzOther'] });
  await publishModule(gallery, {
    id: 'xDemoDsc',
    version: '0.5.0',
    dscResources: ['xDemoFile'],
    roleCapabilities: ['DemoAdmin'],
  });
  await publishScript(gallery, { id: 'Start-Az', version: '3.1.0', tags: ['Cloud'] });
  await publishNupkg(gallery, { id: 'Az.Library', version: '1.0.0' });
  assert.equal((await gallery.command('feed', 'create', 'open')).exitCode, 0);
  const open = { ...gallery, url: `${gallery.url}/feeds/open` };
  await publishModule(open, { ...demo, version: '2.0.0' });
  await publishModule(open, { ...demo, version: '3.0.0', prerelease: 'Beta2' });
  await untilSearchHas(gallery, 5, 'IsAbsoluteLatestVersion');
});

const folder = join(import.meta.dirname, 'powershell', 'requests');

for (const file of readdirSync(folder).sort()) {
  const forms = JSON.parse(readFileSync(join(folder, file), 'utf8')) as RequestForms;
  for (const form of forms.requests) {
    test(`${forms.client} ${forms.version}: ${form.typed} (${form.path.split('?')[0]})`, async () => {
      const headers = forms.headers[form.headers];
      assert.ok(headers, `${file} has no headers ${form.headers}`);
      await check(form, headers);
    });
  }
}

async function check({ method, path, answer }: RequestForm, headers: Record<string, string>): Promise<void> {
  const got = await send(method, `${gallery.url}${path}`, headers);
  if (answer.status !== undefined) assert.equal(got.status, answer.status, got.reasonPhrase);
  if (answer.statusNot !== undefined) assert.notEqual(got.status, answer.statusNot);
  if (answer.nupkg !== undefined) {
    const { id, version } = identityIn(await unzip(got.body));
    assert.equal(`${id} ${version}`, answer.nupkg);
  }
  if (answer.isPlainDownload) {
    assert.equal(got.headers['content-encoding'], undefined);
    assert.equal(Number(got.headers['content-length']), got.body.length);
  }
  const text = answer.nupkg === undefined ? decoded(got).toString() : '';
  if (answer.startsWith !== undefined) assert.equal(text.slice(0, answer.startsWith.length), answer.startsWith);
  if (answer.entries === undefined) return;
  const feed = readXml(text);
  const entries = elementsByTagName(feed, 'entry').map(shownEntry);
  if (answer.contains)
    assert.deepEqual(
      answer.entries.filter((entry) => !entries.includes(entry)),
      [],
    );
  else assert.deepEqual(answer.anyOrder ? entries.toSorted() : entries, answer.entries);
  if (answer.count !== undefined) {
    const [count] = elementsByTagName(feed, 'm:count');
    assert.equal(count && innerText(count), String(answer.count));
  }
}

function shownEntry(entry: XmlElement): string {
  const [id, version] = ['d:Id', 'd:NormalizedVersion'].map((name) => elementsByTagName(entry, name)[0]);
  return `${id && innerText(id)} ${version && innerText(version)}`;
}
