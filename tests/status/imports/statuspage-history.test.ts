/** Another page's history: whatever its documents hold, what comes of them is whole, plain, and true to their times. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fastCheck from 'fast-check';
import Value from 'typebox/value';
import { importBody } from '../../../src/status/api/imports.ts';
import { textOfHtml } from '../../../src/status/imports/html-text.ts';
import { historyOf } from '../../../src/status/imports/statuspage-history.ts';

/** As a Statuspage answers, with the fields that it has. */
const incident = {
  id: 'p31zjtct2jer',
  name: 'Slow &amp; failing downloads',
  status: 'postmortem',
  created_at: '2021-07-14T10:02:11.000+02:00',
  updated_at: '2021-07-20T12:00:00.000Z',
  monitoring_at: '2021-07-14T09:00:00.000Z',
  resolved_at: '2021-07-14T09:30:00.000Z',
  impact: 'major',
  shortlink: 'https://stspg.example.org/x',
  started_at: '2021-07-14T08:00:00.000Z',
  page_id: 'abcdefghijkl',
  incident_updates: [
    {
      id: 'u2',
      status: 'resolved',
      body: 'Over.<br /><br />Thank you.',
      display_at: '2021-07-14T09:30:00.000Z',
      affected_components: [{ code: 'c1', name: 'Downloads', old_status: 'major_outage', new_status: 'operational' }],
    },
    {
      id: 'u1',
      status: 'investigating',
      body: '<p>See <a href="https://example.org/a">here</a>.</p><script>alert(1)</script>',
      display_at: '2021-07-14T08:05:00.000Z',
      affected_components: [
        { code: 'c1', name: 'Downloads', old_status: 'operational', new_status: 'major_outage' },
        { code: 'c2', old_status: 'operational', new_status: 'haywire' },
      ],
    },
  ],
  components: [{ id: 'c1', name: 'Downloads', status: 'operational' }, { id: 'c2' }],
  postmortem_body: '# Cause',
  postmortem_published_at: '2021-07-20T12:00:00.000Z',
};

const nothing = { incidents: {}, maintenances: {}, components: {} };

test('an incident keeps its times, updates, impact and components, and its texts become plain', () => {
  const components = { components: [{ id: 'c2', name: 'Search' }] };
  const { incidents } = historyOf({ ...nothing, components, incidents: { incidents: [incident] } });
  assert.deepEqual(incidents, [
    {
      foreignId: 'p31zjtct2jer',
      kind: 'incident',
      name: 'Slow & failing downloads',
      impact: 'major',
      startedAt: '2021-07-14T08:00:00.000Z',
      endedAt: '2021-07-14T09:30:00.000Z',
      monitoringAt: '2021-07-14T09:00:00.000Z',
      updates: [
        {
          status: 'resolved',
          body: 'Over.\n\nThank you.',
          at: '2021-07-14T09:30:00.000Z',
          affected: [{ name: 'Downloads', oldStatus: 'major_outage', newStatus: 'operational' }],
        },
        {
          status: 'investigating',
          body: 'See here (https://example.org/a).',
          at: '2021-07-14T08:05:00.000Z',
          affected: [{ name: 'Downloads', oldStatus: 'operational', newStatus: 'major_outage' }],
        },
        { status: 'postmortem', body: '# Cause', at: '2021-07-20T12:00:00.000Z', affected: [] },
      ],
      components: [
        { name: 'Downloads', status: 'major_outage' },
        { name: 'Search', status: 'partial_outage' },
      ],
    },
  ]);
});

test('what is open, or has neither id nor time, is counted and left out; the rest is made the best of', () => {
  const history = historyOf({
    ...nothing,
    incidents: {
      incidents: [
        { id: 'open', status: 'investigating', created_at: '2021-01-01T00:00:00Z' },
        { status: 'resolved', created_at: '2021-01-01T00:00:00Z' },
        { id: 'timeless', status: 'resolved' },
        {
          id: 7,
          status: 'resolved',
          created_at: '2021-01-01T00:00:00Z',
          resolved_at: '2020-01-01T00:00:00Z',
          impact: 'huge',
        },
        null,
        'text',
      ],
    },
    maintenances: {
      scheduled_maintenances: [
        {
          id: 'm',
          name: 'Disks',
          status: 'completed',
          impact: 'maintenance',
          created_at: '2021-01-01T00:00:00Z',
          scheduled_for: '2021-01-02T00:00:00Z',
          scheduled_until: '2021-01-02T02:00:00Z',
          resolved_at: '2021-01-02T01:00:00Z',
          incident_updates: [
            { status: 'odd', body: '', created_at: '2021-01-02T00:00:00Z', affected_components: null },
          ],
        },
        { id: 'soon', status: 'scheduled', created_at: '2021-01-01T00:00:00Z' },
      ],
    },
  });
  assert.deepEqual([history.openCount, history.unreadableCount], [2, 2]);
  const [odd, maintenance] = history.incidents;
  assert.deepEqual(
    [odd?.foreignId, odd?.name, odd?.impact, odd?.endedAt],
    ['7', 'Without a name', 'none', odd?.startedAt],
  );
  assert.deepEqual(
    [maintenance?.kind, maintenance?.impact, maintenance?.scheduledUntil, maintenance?.updates[0]?.status],
    ['maintenance', 'maintenance', '2021-01-02T02:00:00.000Z', 'in_progress'],
  );
  assert.equal(maintenance?.updates[0]?.body, 'Nothing was written.');
  assert.deepEqual(historyOf({ incidents: null, maintenances: [], components: 'x' }).incidents, []);
});

test('texts in HTML become what a reader would see', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a<br>b', 'a\nb'],
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
    ['1 < 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['&lt;script&gt;', '<script>'],
    ['&#x41;&#66;&#0;&#xd800;&nonsense;', 'AB&nonsense;'],
    ['<a href="javascript:alert(1)">x</a>', 'x'],
    ['<a href="https://example.org">https://example.org</a>', 'https://example.org'],
    ['<style>p { }</style>a<script>b', 'a'],
    ['a\u0007\u001b[31mb', 'a[31mb'],
  ];
  for (const [html, text] of rows) assert.equal(textOfHtml(html), text, html);
});

test('whatever stands in a document, what comes of it is of the form that imports have', () => {
  const word = fastCheck.oneof(
    fastCheck.string(),
    fastCheck.constantFrom('resolved', 'completed', 'major', 'major_outage', '2021-01-01T00:00:00Z', '<p>x'),
    fastCheck.integer(),
    fastCheck.constant(null),
  );
  const fieldNames = [
    ...Object.keys(incident),
    'display_at',
    'body',
    'code',
    'old_status',
    'new_status',
    'scheduled_for',
  ];
  const rows = fastCheck.letrec((tie) => ({
    row: fastCheck.dictionary(
      fastCheck.constantFrom(...fieldNames, 'affected_components'),
      fastCheck.oneof({ maxDepth: 3 }, word, fastCheck.array(tie('row'), { maxLength: 3 })),
    ),
  })).row;
  fastCheck.assert(
    fastCheck.property(fastCheck.array(rows), fastCheck.array(rows), (incidents, maintenances) => {
      const history = historyOf({
        incidents: { incidents },
        maintenances: { scheduled_maintenances: maintenances },
        components: { components: incidents },
      });
      assert.ok(Value.Check(importBody, { source: 's', incidents: history.incidents.slice(0, 50) }));
      for (const { startedAt, endedAt } of history.incidents) assert.ok(startedAt <= endedAt);
    }),
    { numRuns: 120 },
  );
});
