/** The ledger of outages: whole, told in sentences, and honest about what is known of its dates. */
import assert from 'node:assert/strict';
import test from 'node:test';
import Value from 'typebox/value';
import { drills } from '../../../src/drills/ledger.ts';
import { importBody } from '../../../src/status/api/imports.ts';
import { ledger } from '../../../src/status/ledger/ledger.ts';
import { exampleOf, isDated } from '../../../src/status/ledger/outage.ts';

test('every drill that can be run acts out an outage of the ledger, and every section has some', () => {
  const named = new Set(ledger.map(({ drill }) => drill));
  assert.deepEqual(
    drills.map(({ name }) => name).filter((name) => !named.has(name)),
    [],
  );
  assert.equal([...new Set(ledger.map(({ section }) => section))].join(''), 'ABCDEFGHI');
  assert.ok(named.size >= 55, `${named.size} drills`);
});

test('outages are told in sentences, without addresses of others, and dated as far as it is known', () => {
  for (const { title, story, when, lastedMinutes = 1, times = 2 } of ledger) {
    assert.match(story, /^[A-Z0-9][\s\S]*[.)]$/, story);
    assert.doesNotMatch(`${title}${story}`, /\.(org|com|io)\b/);
    assert.doesNotMatch(title, /[.]$/);
    assert.match(when ?? '2020', /^20\d\d(-(0[1-9]|1[0-2])(-[0-3]\d)?)?$/);
    assert.ok(lastedMinutes > 0 && times > 1);
  }
});

test('an example says that it is one, whom it happened to, and what is not known of its date', () => {
  const dated = ledger.filter(isDated);
  const incidents = dated.map(exampleOf);
  for (const incident of incidents) {
    const text = incident.updates[0]?.body ?? '';
    assert.match(incident.name, /^Example, /);
    assert.match(text, /^Happened to .+, (\d+ )?[A-Z][a-z]+ 20\d\d: /);
    assert.match(text, /it did not happen here\. The (day|hour) is not known/);
    assert.deepEqual(incident.components, []);
  }
  assert.equal(new Set(incidents.map(({ foreignId }) => foreignId)).size, incidents.length);
  const expired = incidents.find(({ foreignId }) => foreignId === 'cert-expired the PowerShell Gallery 2020-03');
  assert.equal(expired?.startedAt, '2020-03-01T00:00:00.000Z');
  assert.match(expired?.updates[0]?.body ?? '', /^Happened to the PowerShell Gallery, March 2020: /);
  for (let at = 0; at < incidents.length; at += 50) {
    assert.ok(Value.Check(importBody, { source: 'ledger', incidents: incidents.slice(at, at + 50) }));
  }
});
