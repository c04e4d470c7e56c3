/**
 * What NuGet v2 shows of one package: the stored document, and the answers that a read worker makes from it. Each file in
 * tests/golden/nuget-v2 holds versions, requests and answers together; HOLDFAST_WRITE_GOLDEN=1 writes the answers again, and the
 * difference is reviewed like code.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { SaxesParser } from 'saxes';
import type { Document, RenderContext } from '../../src/documents/output.ts';
import type { VersionView } from '../../src/documents/package-view.ts';
import { nugetV2 } from '../../src/protocols/nuget-v2/index.ts';
import type { DerivedAnswer } from '../../src/protocols/protocol.ts';
import type { NuspecMetadata } from '../../src/validate/nupkg/nuspec.ts';
import { nupkgVersion, nupkgView } from '../packages/views.ts';

interface Golden {
  readonly about: string;
  readonly context: RenderContext;
  readonly versions: readonly (Partial<NuspecMetadata> & {
    readonly normalizedVersion: string;
    readonly isListed?: boolean;
    readonly extracts?: readonly string[];
  })[];
  readonly asks: readonly {
    /** Path inside the feed, and the query as it is sent. */
    readonly ask: string;
    readonly accept?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }[];
  readonly output?: unknown;
}

const folder = new URL('./nuget-v2/', import.meta.url);

function versionView({ isListed = true, extracts = [], ...metadata }: Golden['versions'][number]): VersionView {
  const view = nupkgVersion({ id: 'Demo.Lib', ...metadata });
  const files = view.files.map((file) => ({
    ...file,
    extracts: extracts.map((name) => ({
      name: name as 'icon',
      sha256: '2'.repeat(64),
      sizeBytes: 10n,
      contentType: name === 'icon' ? 'image/png' : 'text/plain',
    })),
  }));
  return { ...view, isListed, files };
}

function answerTo(document: Document | undefined, ask: Golden['asks'][number], context: RenderContext): object {
  const [path = '', search] = ask.ask.split('?');
  const target = nugetV2.route({
    method: 'GET',
    path: decodeURIComponent(path),
    query: new URLSearchParams(search),
    search: search === undefined ? '' : `?${search}`,
    accept: ask.accept ?? '*/*',
    headers: ask.headers ?? {},
  });
  if (target?.type !== 'derived') return { ...ask, ...(target ?? { type: 'unknown' }) };
  const isStored = document !== undefined && document.path === target.path;
  const answer = target.answer(isStored ? target.read(document.text) : undefined, context);
  return { ...ask, ...readable(answer) };
}

/** XML as lines, once it is known to be well formed. */
function readable({ body, ...answer }: DerivedAnswer): object {
  if (!body.startsWith('<')) return { ...answer, body: body.startsWith('{') ? JSON.parse(body) : body };
  assert.ok(body.startsWith('<?xml '), 'nothing stands before the declaration');
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(body).close();
  return { ...answer, body: body.replaceAll('><', '>\n<').split('\n') };
}

for (const file of readdirSync(folder)) {
  const golden = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Golden;
  test(golden.about, () => {
    const view = nupkgView(golden.versions.map(versionView));
    const [document] = nugetV2.render(view, golden.context) as Document[];
    const stored = document && { ...document, text: JSON.parse(document.text) as unknown };
    const output = { stored, answers: golden.asks.map((ask) => answerTo(document, ask, golden.context)) };
    if (process.env.HOLDFAST_WRITE_GOLDEN === '1') {
      writeFileSync(new URL(file, folder), `${JSON.stringify({ ...golden, output }, null, 2)}\n`);
      return;
    }
    assert.deepEqual(JSON.parse(JSON.stringify(output)), golden.output);
  });
}
