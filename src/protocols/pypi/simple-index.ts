/**
 * `simple/index.html` and `simple/index.json`: the list of all projects. No installer reads it; mirrors (bandersnatch, devpi)
 * and people do. It belongs to no package, so a background job renders it and a publish never waits for it.
 *
 * {"meta":{"api-version":"1.4","_last-serial":9},"projects":[{"name":"demo","_last-serial":7}]}
 */

import type { Output, RenderContext } from '../../documents/output.ts';
import { normalizePythonName } from '../../identity/python.ts';
import type { Int64 } from '../../std/int64.ts';
import { writeJson } from '../../std/json.ts';
import type { ListedName } from '../protocol.ts';
import { anchor, htmlPage } from './html.ts';
import { projectFolder, simpleIndexHtml, simpleIndexJson, urlOf } from './keys.ts';
import { apiVersion } from './project-json.ts';

/**
 * Renders the list of projects, ordered by normalised name whatever the order given. Pure.
 * @param projects every project of the feed, each once
 * @param serial the feed's newest serial at the moment the list was read
 */
export function renderSimpleIndex(projects: readonly ListedName[], serial: Int64, context: RenderContext): Output[] {
  const entries = projects
    .map((project) => ({ ...project, normalizedName: normalizePythonName(project.name) }))
    .sort((a, b) => (a.normalizedName < b.normalizedName ? -1 : a.normalizedName > b.normalizedName ? 1 : 0));
  const json = writeJson({
    meta: { 'api-version': apiVersion, '_last-serial': serial },
    projects: entries.map((entry) => ({ name: entry.name, '_last-serial': entry.serial })),
  });
  const anchors = entries.map((entry) =>
    anchor([['href', `${urlOf(projectFolder(entry.normalizedName), context)}/`]], entry.name),
  );
  const html = htmlPage('Simple index', [], anchors, serial);
  return [
    { type: 'document', path: simpleIndexJson, rank: 'index', text: json },
    { type: 'document', path: simpleIndexHtml, rank: 'index', text: html },
  ];
}
