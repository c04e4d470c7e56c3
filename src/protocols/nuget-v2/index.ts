/**
 * NuGet v2: OData over Atom, as old NuGet clients, PowerShell's package managers and Chocolatey's speak it, at several roots. README.md
 * in this folder tells which client sends what.
 */
import type { Protocol } from '../protocol.ts';
import { renderFeedDocument } from './feed-document.ts';
import { routeNugetV2 } from './route.ts';

export const nugetV2: Protocol = {
  name: 'nuget-v2',
  ecosystem: 'nupkg',
  render: (view) => (view.status === 'quarantined' ? [] : renderFeedDocument(view)),
  renderFeed: () => [],
  route: routeNugetV2,
};
