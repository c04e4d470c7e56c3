/**
 * The Python index: the Simple API that installers read and the upload form that publishers send. README.md in this folder
 * tells which client reads what.
 */
import type { Output, RenderContext } from '../../documents/output.ts';
import type { PackageView } from '../../documents/package-view.ts';
import type { Protocol } from '../protocol.ts';
import { renderJsonApi } from './json-api.ts';
import { projectLinks } from './project-files.ts';
import { renderProjectHtml } from './project-html.ts';
import { renderProjectJson } from './project-json.ts';
import { withoutFiles } from './project-status.ts';
import { routePypi } from './route.ts';
import { renderNews, renderProjectRss } from './rss.ts';
import { renderSimpleIndex } from './simple-index.ts';
import { renderStats } from './stats.ts';

export const pypi: Protocol = {
  name: 'pypi',
  ecosystem: 'python',
  render(view: PackageView, context: RenderContext): Output[] {
    if (view.status === 'quarantined') {
      const closed = withoutFiles(view);
      return [renderProjectJson(closed, context), renderProjectHtml(closed, context)];
    }
    return [
      ...projectLinks(view),
      ...renderJsonApi(view, context),
      renderProjectJson(view, context),
      renderProjectHtml(view, context),
      renderProjectRss(view, context),
    ];
  },
  renderFeed(): Output[] {
    return [];
  },
  renderNames: renderSimpleIndex,
  renderNews,
  renderStats,
  route: routePypi,
};
