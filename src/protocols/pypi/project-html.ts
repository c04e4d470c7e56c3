/**
 * `simple/{name}/index.html`: the project's page for web browsers, hatch and installers without JSON (PEP 503, 592, 658, 714,
 * 740).
 *
 * <a href="/packages/…/demo-1.0.tar.gz#sha256=…" data-requires-python="&gt;=3.9">demo-1.0.tar.gz</a><br>
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import type { PackageView } from '../../documents/package-view.ts';
import { anchor, htmlPage } from './html.ts';
import { projectHtml } from './keys.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';
import { statusMetas } from './project-status.ts';

/** Renders the page of one project as HTML, also when it has no file. Pure. */
export function renderProjectHtml(view: PackageView, context: RenderContext): Document {
  const text = htmlPage(
    `Links for ${view.normalizedName}`,
    statusMetas(view),
    projectFiles(view, context).map(fileAnchor),
    view.serial,
  );
  return { type: 'document', path: projectHtml(view.normalizedName), rank: 'index', text };
}

/** An empty `data-yanked` still means yanked: pip tells the empty reason from the missing attribute. */
function fileAnchor(file: ProjectFile): string {
  const coreMetadata = file.coreMetadataSha256 === null ? null : `sha256=${file.coreMetadataSha256}`;
  return anchor(
    [
      ['href', `${file.url}#sha256=${file.sha256}`],
      ['data-requires-python', file.requiresPython],
      ['data-yanked', file.yanked === false ? null : file.yanked],
      ['data-dist-info-metadata', coreMetadata],
      ['data-core-metadata', coreMetadata],
      ['data-provenance', file.provenanceUrl],
    ],
    file.filename,
  );
}
