/**
 * What a project's pages say about the project as a whole (PEP 792, project status markers). Quarantined, it offers nothing for
 * download, and its pages are all that is left of it.
 */
import type { PackageView } from '../../documents/package-view.ts';

/** @returns the value of `project-status` in JSON; without a reason where there is none, and none is given for being active */
export function projectStatus({ status, statusReason }: PackageView): {
  readonly status: string;
  readonly reason?: string;
} {
  if (status === 'active' || statusReason === '') return { status };
  return { status, reason: statusReason.toWellFormed() };
}

/** @returns the same as names and contents of HTML's `<meta>` */
export function statusMetas(view: PackageView): (readonly [string, string])[] {
  const { status, reason } = projectStatus(view);
  const metas = [['pypi:project-status', status] as const];
  return reason === undefined ? metas : [...metas, ['pypi:project-status-reason', reason] as const];
}

/** The project as its pages show it in quarantine: all of its versions (PEP 700), none of its files. */
export function withoutFiles(view: PackageView): PackageView {
  return { ...view, versions: view.versions.map((version) => ({ ...version, files: [] })) };
}
