/** What is published: too old is never the present, wherever it goes; and what did not change is not made again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack } from '../../../src/status/publication/packed.ts';
import { madeWhenAsked } from '../../../src/status/publication/published-file.ts';
import { publishedFiles } from '../../../src/status/publication/published-files.ts';
import { createPublisher } from '../../../src/status/publication/publisher.ts';
import { HandClock } from '../hand-clock.ts';
import { sampleViews } from '../page/sample-views.ts';

const views = Object.values(sampleViews);

test('when nobody looks at the probes any more, copies and the management API say that nothing is known, asked first or not', () => {
  const clock = new HandClock();
  const known = views.find(({ isKnown }) => isKnown)!;
  const textOf = (files: readonly { path: string; body: Buffer }[]) =>
    files.find(({ path }) => path === 'api/v2/status.json')?.body.toString() ?? '';
  for (const ask of ['files', 'view'] as const) {
    const publisher = createPublisher(known, clock);
    assert.doesNotMatch(textOf(publisher.files()), /"unknown"/);
    clock.goOn(31_000);
    if (ask === 'files') assert.match(textOf(publisher.files()), /"unknown"/);
    else assert.equal(publisher.view().isKnown, false);
  }
});

test('a file that names its sources is made at its first request, and again only when one of them is another', () => {
  let made = 0;
  const file = (source: object) =>
    madeWhenAsked(
      { path: 'incidents/a.html', contentType: 'text/html', maxAgeSeconds: 15, status: 200, sources: [source, 'name'] },
      () => Buffer.from(`<p>${++made}</p>`),
    );
  const [one, other] = [{}, {}];
  const first = pack([file(one)]);
  const again = pack([file(one)], first);
  assert.equal(made, 0);
  assert.equal(again.get('incidents/a.html')?.plain.body.toString(), '<p>1</p>');
  assert.equal(again.get('incidents/a.html')?.etag, first.get('incidents/a.html')?.etag);
  assert.equal(
    pack([file(other)], again)
      .get('incidents/a.html')
      ?.plain.body.toString(),
    '<p>2</p>',
  );
});

test('files with the same sources have the same bytes, whatever else of the view is another', () => {
  let compared = 0;
  for (const view of views) {
    const variants = [
      { ...view, at: view.at + 60_000 },
      { ...view, at: view.at + 40 * 86_400_000 },
      { ...view, isKnown: !view.isKnown },
      { ...view, updatedAt: view.updatedAt + 1 },
      { ...view, page: { ...view.page, name: 'Another', url: 'https://other.example' } },
      { ...view, components: view.components.slice(1) },
      { ...view, components: view.components.map((one) => ({ ...one, status: 'major_outage' as const, why: 'x' })) },
      { ...view, components: view.components.map((one) => ({ ...one, name: `${one.name} 2`, createdAt: 0 })) },
      { ...view, incidents: view.incidents.slice(1) },
      { ...view, incidents: view.incidents.map((one) => ({ ...one, name: 'Renamed' })) },
    ];
    const files = new Map(publishedFiles(view).map((file) => [file.path, file]));
    for (const file of variants.flatMap(publishedFiles)) {
      const { sources, body } = files.get(file.path) ?? {};
      if (sources === undefined || !sources.every((source, index) => source === file.sources?.[index])) continue;
      compared += 1;
      assert.equal(file.body.toString(), body?.toString(), file.path);
    }
  }
  assert.ok(compared > 20, `${compared} files were compared`);
});
