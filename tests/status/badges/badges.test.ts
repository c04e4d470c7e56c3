/** Badges: what they say, that they say it truly, and that they are drawings that anybody can read. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { badgeFiles } from '../../../src/status/badges/files.ts';
import { badgeColors, badgeSvg, labelColor } from '../../../src/status/badges/svg.ts';
import { percentOf, uptimeOver } from '../../../src/status/badges/uptime.ts';
import type { StatusView } from '../../../src/status/model.ts';
import { anyText, anyView, componentView, dayMs, ninetyDays, period, viewAt, viewOf } from '../views.ts';

interface Drawing {
  readonly title: string;
  readonly texts: readonly string[];
  readonly attributes: readonly (readonly [string, Readonly<Record<string, string>>])[];
}

function draw(svg: string): Drawing {
  const parser = new SaxesParser();
  const attributes: [string, Record<string, string>][] = [];
  const texts: string[] = [];
  let title = '';
  const open: string[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    open.push(tag.name);
    attributes.push([tag.name, tag.attributes as Record<string, string>]);
    if (tag.name === 'text') texts.push('');
  });
  parser.on('text', (part) => {
    if (open.at(-1) === 'title') title += part;
    if (open.at(-1) === 'text') texts[texts.length - 1] += part;
  });
  parser.on('closetag', () => open.pop());
  parser.write(svg).close();
  return { title, texts, attributes };
}

function filesOf(view: StatusView): Map<string, string> {
  return new Map(badgeFiles(view).map(({ path, body }) => [path, body.toString()]));
}

test('every badge of every view is a drawing with a title, and says unknown when nobody knows', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const files = filesOf(view);
      assert.equal(files.size, 2 + 4 * view.components.length);
      const isKnown = view.isKnown && view.components.some(({ isGroup }) => !isGroup);
      for (const [path, text] of files) {
        if (!path.endsWith('.svg')) continue;
        const { title, texts } = draw(text);
        assert.equal(title, `${texts[0]}: ${texts[1]}`);
        const said = JSON.parse(files.get(path.replace(/svg$/, 'json'))!).message;
        assert.equal(texts[1], said);
        if (!isKnown && !path.startsWith('badges/uptime/'))
          assert.match(said, /^(unknown|status unknown)$/, `${path}: ${said}`);
      }
      if (!isKnown) return;
      for (const { key, status } of view.components)
        assert.equal(
          JSON.parse(files.get(`badges/component/${key}.json`)!).message === 'operational',
          status === 'operational',
        );
    }),
    { numRuns: 100 },
  );
});

test('whatever the texts are, a badge holds no markup of theirs and stays in its measure', () => {
  fc.assert(
    fc.property(anyText, anyText, (label, message) => {
      const { attributes } = draw(badgeSvg({ label, message, color: 'green' }));
      assert.deepEqual(
        attributes.map(([name]) => name),
        ['svg', 'title', 'clipPath', 'rect', 'g', 'rect', 'rect', 'g', 'text', 'text'],
      );
      const [, { width = '' }] = attributes[0]!;
      assert.ok(Number.isInteger(Number(width)) && Number(width) > 0 && Number(width) <= 2 * (60 * 12 + 12), width);
      const [first, second] = attributes.slice(-2).map(([, own]) => own);
      const end = (own: Readonly<Record<string, string>>) => Number(own.x) + Number(own.textLength);
      assert.ok(end(first!) < Number(second!.x) && end(second!) < Number(width), 'texts are beside each other');
    }),
    { numRuns: 300 },
  );
});

test('white text on every colour has the contrast that WCAG asks for', () => {
  const part = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  for (const color of [...Object.values(badgeColors), labelColor]) {
    const [red, green, blue] = [1, 3, 5].map((at) => part(Number.parseInt(color.slice(at, at + 2), 16) / 255));
    const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    assert.ok(1.05 / (luminance + 0.05) >= 4.5, `${color}: ${1.05 / (luminance + 0.05)}`);
  }
});

test('uptime weighs each day by what was measured of it, and is never rounded up', () => {
  assert.equal(uptimeOver(ninetyDays(viewAt, [])), undefined);
  assert.equal(uptimeOver([period('a', { upMs: dayMs }), period('b', { downMs: dayMs / 3 })]), 0.75);
  const written = [1, 0.999999, 0.99995, 0.9999, 0.07, 0.5, 0].map(percentOf);
  assert.deepEqual(written, ['100%', '99.99%', '99.99%', '99.99%', '7%', '50%', '0%']);
  const days = ninetyDays(viewAt, [{ upMs: dayMs - 1, downMs: 1 }, { upMs: dayMs }, {}]);
  const files = filesOf(viewOf({}, { components: [componentView('website', 'operational', { days })] }));
  const badge = JSON.parse(files.get('badges/uptime/website.json')!);
  assert.deepEqual([badge.label, badge.message, badge.color], ['Website, 90 days', '99.99%', badgeColors.green]);
});

test('a member of a group is told with the name of its group', () => {
  const files = filesOf(viewOf({ 'install/python': 'major_outage', 'install/nuget': 'operational' }));
  const badge = JSON.parse(files.get('badges/component/install/python.json')!);
  assert.deepEqual(badge, {
    schemaVersion: 1,
    label: 'Installing packages: Python',
    message: 'major outage',
    color: badgeColors.red,
    isError: true,
    cacheSeconds: 300,
  });
});
