/**
 * `stats/index.json` and `stats/index.html`: the largest projects, in the form of PyPI's `/stats/`. A background job renders them
 * beside the list of all projects.
 *
 * {"top_packages":{"demo":{"size":23767329521}},"total_packages_size":23965450269}
 */
import type { Output, RenderContext } from '../../documents/output.ts';
import { normalizePythonName } from '../../identity/python.ts';
import { writeJson } from '../../std/json.ts';
import type { Stats } from '../protocol.ts';
import { escapeHtml } from './html.ts';
import { projectFolder, statsHtml, statsJson, urlOf } from './keys.ts';

/** Renders both forms. Pure. */
export function renderStats({ totalBytes, largest }: Stats, context: RenderContext): Output[] {
  // Written by hand, because an object would put a project that is called `42` before all others.
  const entries = largest.map(({ name, sizeBytes }) => `${writeJson(name)}:${writeJson({ size: sizeBytes })}`);
  const json = `{"top_packages":{${entries.join(',')}},"total_packages_size":${totalBytes}}`;
  const rows = largest.map(({ name, sizeBytes }) => {
    const url = `${urlOf(projectFolder(normalizePythonName(name)), context)}/`;
    return `      <tr><td><a href="${escapeHtml(url)}">${escapeHtml(name)}</a></td><td>${sizeBytes}</td></tr>`;
  });
  const html = [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '  <head>',
    '    <meta charset="utf-8">',
    '    <title>Statistics</title>',
    '  </head>',
    '  <body>',
    '    <h1>Statistics</h1>',
    `    <p>The files of all projects together have ${totalBytes} bytes.</p>`,
    '    <table>',
    '      <caption>The largest projects</caption>',
    '      <tr><th scope="col">Project</th><th scope="col">Bytes</th></tr>',
    ...rows,
    '    </table>',
    '  </body>',
    '</html>',
    '',
  ].join('\n');
  return [
    { type: 'document', path: statsJson, rank: 'index', text: json },
    { type: 'document', path: statsHtml, rank: 'index', text: html },
  ];
}
