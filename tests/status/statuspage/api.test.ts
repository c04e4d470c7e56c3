/** The Statuspage API of the status page: every shape for every view, and what others make of it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { StatusView } from '../../../src/status/model.ts';
import type { PublishedFile } from '../../../src/status/publication/published-file.ts';
import { listedMax, statuspageFiles } from '../../../src/status/statuspage/files.ts';
import { topLevel } from '../../../src/status/statuspage/top-level.ts';
import { projectFolder } from '../../gallery.ts';
import { anyView, componentView, incident, incidentUpdate, maintenance, viewOf } from '../views.ts';
import { type Ask, readPage } from './aggregator.ts';

const schemaFolder = join(projectFolder, 'tests/status/statuspage/schemas');
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
addFormats.default(ajv);
for (const name of readdirSync(schemaFolder))
  ajv.addSchema(JSON.parse(readFileSync(join(schemaFolder, name), 'utf8')), name);

const lists: Readonly<Record<string, string>> = {
  'api/v2/summary.json': 'summary.json',
  'api/v2/status.json': 'status.json',
  'api/v2/components.json': 'components.json',
  'api/v2/incidents.json': 'incidents.json',
  'api/v2/incidents/unresolved.json': 'incidents-unresolved.json',
  'api/v2/scheduled-maintenances.json': 'scheduled-maintenances.json',
  'api/v2/scheduled-maintenances/upcoming.json': 'scheduled-maintenances-upcoming.json',
  'api/v2/scheduled-maintenances/active.json': 'scheduled-maintenances-active.json',
};

const read = (file: PublishedFile) => JSON.parse(file.body.toString());

function filesOf(view: StatusView): Map<string, PublishedFile> {
  return new Map(statuspageFiles(view).map((file) => [file.path, file]));
}

/** @param isStatic whether it is a store that knows no status but 200 and 404 */
function askerOf(view: StatusView, isStatic = false): Ask {
  const files = filesOf(view);
  return (path) => {
    const file = files.get(path.slice(1));
    if (file === undefined) return { status: 404, body: '' };
    return { status: isStatic ? 200 : file.status, body: file.body.toString() };
  };
}

function assertValid(schema: string, file: PublishedFile): void {
  assert.ok(ajv.validate(schema, read(file)), `${file.path}: ${ajv.errorsText()}\n${file.body}`);
}

test('every document of every view has the shape and the words of the Statuspage API', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const files = filesOf(view);
      const isKnown = topLevel(view).indicator !== 'unknown';
      for (const [path, schema] of Object.entries(lists)) {
        assert.ok(files.has(path), path);
        assertValid(isKnown ? schema : 'unknown.json', files.get(path)!);
        assert.equal(files.get(path)!.status, isKnown ? 200 : 503, path);
      }
      for (const { id } of view.incidents) assertValid('incident.json', files.get(`api/v2/incidents/${id}.json`)!);
      assert.equal(files.size, Object.keys(lists).length + view.incidents.length);
    }),
    { numRuns: 300 },
  );
});

/** What is so, told from the view alone. */
function truthOf({ isKnown, components }: StatusView): 'unknown' | 'down' | 'ailing' | 'well' {
  const own = components.filter(({ isGroup }) => !isGroup).map(({ status }) => status);
  if (!isKnown || own.length === 0) return 'unknown';
  const inService = own.filter((status) => status !== 'under_maintenance');
  if (inService.length > 0 && inService.every((status) => status === 'major_outage')) return 'down';
  return inService.every((status) => status === 'operational') ? 'well' : 'ailing';
}

test('an aggregator never reads that all is well when it is not, or when nobody knows', () => {
  fc.assert(
    fc.property(anyView, fc.boolean(), (view, isStatic) => {
      const { kind, collapsed, inferred, components, openIncidents } = readPage(askerOf(view, isStatic));
      assert.equal(kind, 'statuspage');
      const truth = truthOf(view);
      if (truth === 'unknown') return assert.deepEqual([collapsed, inferred, components], ['unknown', 'unknown', []]);
      if (truth === 'down') assert.deepEqual([collapsed, inferred], ['down', 'major_outage']);
      if (truth === 'ailing') assert.ok(collapsed === 'warn', collapsed);
      if (truth === 'well') assert.ok(['up', 'warn', 'maintenance'].includes(collapsed), collapsed);
      assert.ok(!['investigating', 'identified', 'monitoring', 'resolved'].includes(inferred), inferred);
      const own = view.components.filter(({ isGroup }) => !isGroup);
      assert.deepEqual(
        components.map(({ name }) => name),
        own.map(({ name }) => name),
      );
      for (const [index, { status }] of own.entries())
        assert.equal(components[index]!.state === 'up', status === 'operational', `${status} read as up`);
      const unresolved = view.incidents.filter(({ status }) =>
        ['investigating', 'identified', 'monitoring'].includes(status),
      );
      assert.deepEqual(
        openIncidents,
        unresolved.map(({ id }) => id),
      );
    }),
    { numRuns: 500 },
  );
});

test('the word for the whole page follows from its components and from incidents that are looked into', () => {
  const word = (view: StatusView) => Object.values(topLevel(view)).join(' / ');
  const open = { incidents: [incident('a', { impact: 'minor' })] };
  assert.equal(word(viewOf({ website: 'operational' })), 'none / All Systems Operational');
  assert.equal(word(viewOf({ website: 'operational' }, open)), 'minor / Minor Service Outage');
  const monitored = { incidents: [incident('a', { status: 'monitoring' })] };
  assert.equal(word(viewOf({ website: 'operational' }, monitored)), 'none / All Systems Operational');
  const harmless = { incidents: [incident('a', { impact: 'none' })] };
  assert.equal(word(viewOf({ website: 'operational' }, harmless)), 'none / All Systems Operational');
  assert.equal(word(viewOf({ website: 'operational', mail: 'under_maintenance' })), 'none / Service Under Maintenance');
  assert.equal(
    word(viewOf({ website: 'operational', mail: 'under_maintenance' }, open)),
    'minor / Minor Service Outage',
  );
  assert.equal(word(viewOf({ website: 'operational', mail: 'unknown' })), 'minor / Partially Degraded Service');
  assert.equal(
    word(viewOf({ website: 'operational', mail: 'degraded_performance' })),
    'minor / Partially Degraded Service',
  );
  assert.equal(word(viewOf({ website: 'operational', mail: 'partial_outage' })), 'major / Partial System Outage');
  assert.equal(word(viewOf({ website: 'unknown', mail: 'major_outage' })), 'major / Partial System Outage');
  assert.equal(
    word(viewOf({ 'install/python': 'major_outage', mail: 'under_maintenance' })),
    'critical / Major System Outage',
  );
  assert.equal(word(viewOf({})), 'unknown / Status Unknown');
  assert.equal(word(viewOf({ website: 'operational' }, { isKnown: false })), 'unknown / Status Unknown');
});

test('lists of history hold the fifty newest, and the others all that is open', () => {
  const incidents = Array.from({ length: 60 }, (_, index) => incident(`i${index}`));
  const maintenances = Array.from({ length: 60 }, (_, index) => maintenance(`m${index}`));
  const view = viewOf({ website: 'operational' }, { incidents: [...incidents, ...maintenances] });
  const files = filesOf(view);
  const idsIn = (path: string, list: string) =>
    read(files.get(`api/v2/${path}`)!)[list].map(({ id }: { id: string }) => id);
  const newest = (all: readonly { readonly id: string }[]) => all.slice(0, listedMax).map(({ id }) => id);
  assert.deepEqual(idsIn('incidents.json', 'incidents'), newest(incidents));
  assert.deepEqual(idsIn('scheduled-maintenances.json', 'scheduled_maintenances'), newest(maintenances));
  assert.equal(idsIn('incidents/unresolved.json', 'incidents').length, 60);
  assert.equal(idsIn('scheduled-maintenances/upcoming.json', 'scheduled_maintenances').length, 60);
});

test('texts arrive as HTML that shows the same text, and groups name their members', () => {
  const body = 'Line one\r\n\r\n<img src=x> & "more"';
  const affected = [{ key: 'install/python', name: 'Python', oldStatus: 'operational', newStatus: 'unknown' }] as const;
  const view = viewOf(
    { 'install/python': 'unknown', 'install/nuget': 'operational' },
    { incidents: [incident('a', { updates: [incidentUpdate('investigating', { body, affected })] })] },
  );
  const summary = read(filesOf(view).get('api/v2/summary.json')!);
  const [update] = summary.incidents[0].incident_updates;
  assert.equal(update.body, 'Line one<br /><br />&lt;img src=x&gt; &amp; &quot;more&quot;');
  const python = componentView('install/python', 'unknown');
  assert.deepEqual(update.affected_components, [
    { code: python.id, name: 'Python', old_status: 'operational', new_status: 'degraded_performance' },
  ]);
  const [group, first, second] = summary.components;
  assert.deepEqual(group.components, [first.id, second.id]);
  assert.deepEqual(
    [group.group_id, first.group_id, first.position, second.position, group.position],
    [null, group.id, 1, 2, 1],
  );
  assert.equal(first.description, 'Status unknown: install/python is unknown');
});
