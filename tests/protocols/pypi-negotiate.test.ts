/** Content negotiation of the Simple API, with the headers that real clients send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiateSimple, prefersJson } from '../../src/protocols/pypi/negotiate.ts';

const htmlType = 'text/html; charset=utf-8';
const v1Html = 'application/vnd.pypi.simple.v1+html';
const v1Json = 'application/vnd.pypi.simple.v1+json';
const latestHtml = 'application/vnd.pypi.simple.latest+html';
const latestJson = 'application/vnd.pypi.simple.latest+json';

const byAccept: readonly (readonly [string, string, string])[] = [
  // What clients send
  ['pip gets JSON', `${v1Json}, ${v1Html}; q=0.1, text/html; q=0.01`, v1Json],
  ['uv gets JSON', `${v1Json}, ${v1Html};q=0.2, text/html;q=0.01`, v1Json],
  ['poetry gets JSON', `${v1Json}, */*;q=0.1`, v1Json],
  ['bandersnatch gets JSON', v1Json, v1Json],
  ['hatch, which accepts anything, gets HTML', '*/*', htmlType],
  ['an old pip, which knows HTML only, gets HTML', 'text/html', htmlType],
  ['Firefox gets HTML', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', htmlType],
  [
    'Chromium gets HTML',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
    htmlType,
  ],
  // Names and aliases
  ['the versioned HTML is answered as such', v1Html, v1Html],
  ['latest JSON is answered as the concrete version', latestJson, v1Json],
  ['latest HTML is answered as the concrete version', latestHtml, v1Html],
  ['the better of a type and its alias counts', `${v1Json};q=0.1, ${latestJson};q=0.9, text/html;q=0.5`, v1Json],
  ['types are read in any case', v1Json.toUpperCase(), v1Json],
  // Qualities
  ['the higher quality wins, whatever the order', `${v1Json};q=0.5, text/html;q=0.6`, htmlType],
  ['three equal types give text/html', `${v1Json}, ${v1Html}, text/html`, htmlType],
  ['two equal vendor types give HTML', `${v1Json}, ${v1Html}`, v1Html],
  ['a named JSON beats a wildcard of the same quality', `*/*, ${v1Json}`, v1Json],
  ['a named versioned HTML beats a wildcard of the same quality', `*/*, ${v1Html}`, v1Html],
  ['a wildcard of higher quality beats a named JSON', `${v1Json};q=0.1, */*`, htmlType],
  ['q=0 takes JSON out', `${v1Json};q=0, ${v1Html};q=0.1`, v1Html],
  ['q=0 takes a type out of a wildcard', '*/*, text/html;q=0', v1Html],
  ['q=0.000 is no preference either', `${v1Json};q=0.000, */*;q=0.1`, htmlType],
  ['a wildcard for application gives versioned HTML', 'application/*', v1Html],
  ['a wildcard for text gives text/html', 'text/*, application/*;q=0.9', htmlType],
  ['the narrower wildcard decides', '*/*;q=0.9, text/*;q=0.1', v1Html],
  ['spaces around q do not matter', `text/html ; Q = 0.1 , ${v1Json} ; q = 0.2`, v1Json],
  ['a q above one counts as one', `${v1Json};q=5, text/html`, htmlType],
  ['a q that is no number takes the range out', `${v1Json};q=high, ${v1Html};q=0.1`, v1Html],
  ['other parameters do not matter', `${v1Json};charset=utf-8;q=0.9, text/html;q=0.8`, v1Json],
  // Nothing that we have
  ['an unknown type gets HTML, not 406', 'application/msgpack', htmlType],
  ['plain JSON is not a type of this interface', 'application/json', htmlType],
  ['an empty header gets HTML', '', htmlType],
  ['a client that only refuses JSON gets HTML', `${v1Json};q=0`, htmlType],
  ['a client that refuses all gets HTML', '*/*;q=0', htmlType],
  ['commas alone get HTML', ',,;q=1,', htmlType],
];

for (const [sentence, accept, contentType] of byAccept) {
  test(sentence, () => {
    const form = contentType === v1Json ? 'json' : 'html';
    assert.deepEqual(negotiateSimple(accept, null), { form, contentType });
  });
}

const byFormat: readonly (readonly [string, string, string, string])[] = [
  ['the format parameter beats the header', v1Json, 'text/html', v1Json],
  ['the format parameter can ask for HTML', 'text/html', v1Json, htmlType],
  ['the format parameter knows the aliases', latestJson, 'text/html', v1Json],
  ['a plus that the query turned into a space is understood', v1Json.replace('+', ' '), '*/*', v1Json],
  ['an unknown format leaves the choice to the header', 'application/msgpack', v1Json, v1Json],
  ['an empty format leaves the choice to the header', '', v1Json, v1Json],
];

for (const [sentence, format, accept, contentType] of byFormat) {
  test(sentence, () => {
    assert.equal(negotiateSimple(accept, format).contentType, contentType);
  });
}

test('statistics are JSON for who asks for JSON, and a page for everybody else', () => {
  for (const accept of [
    'application/json',
    'application/json, */*;q=0.5',
    'text/html;q=0.8, application/json',
    'application/*',
  ]) {
    assert.equal(prefersJson(accept), true, accept);
  }
  for (const accept of [
    '*/*',
    '',
    'text/html',
    'text/html, application/json',
    'application/json;q=0, */*',
    'image/png',
  ]) {
    assert.equal(prefersJson(accept), false, accept);
  }
});
