/** Everything that is public, as files: each a function of the one view, so that no two of them can disagree. */
import { badgeFiles } from '../badges/files.ts';
import { feedFiles } from '../feeds/files.ts';
import type { StatusView } from '../model.ts';
import { pageFiles } from '../page/page-files.ts';
import { statuspageFiles } from '../statuspage/files.ts';
import type { PublishedFile } from './published-file.ts';

export function publishedFiles(view: StatusView): readonly PublishedFile[] {
  return [...statuspageFiles(view), ...feedFiles(view), ...badgeFiles(view), ...pageFiles(view)];
}
