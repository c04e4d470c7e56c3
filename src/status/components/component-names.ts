/** Components as users speak of them, in the order of the page. A component of one's own comes after these. */

export interface ComponentName {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** Begins a sentence: `Installing Python packages`. */
  readonly activity: string;
}

export const componentNames: readonly ComponentName[] = [
  { key: 'install', name: 'Install', description: 'Finding and downloading packages.', activity: 'Installing' },
  {
    key: 'install/python',
    name: 'Python packages',
    description: 'pip, uv, poetry: list of files, file, digest.',
    activity: 'Installing Python packages',
  },
  {
    key: 'install/nuget',
    name: '.NET packages',
    description: 'dotnet restore, NuGet: index, versions, package.',
    activity: 'Installing .NET packages',
  },
  {
    key: 'install/powershell',
    name: 'PowerShell modules',
    description: 'Install-PSResource, Install-Module.',
    activity: 'Installing PowerShell modules',
  },
  {
    key: 'publish',
    name: 'Publish',
    description: 'Uploading a package, and finding it again.',
    activity: 'Publishing',
  },
  {
    key: 'publish/python',
    name: 'Python packages',
    description: 'twine, poetry, uv: upload, and visible at once.',
    activity: 'Publishing Python packages',
  },
  {
    key: 'publish/nuget',
    name: '.NET packages',
    description: 'dotnet nuget push, and visible at once.',
    activity: 'Publishing .NET packages',
  },
  {
    key: 'publish/powershell',
    name: 'PowerShell modules',
    description: 'Publish-PSResource, and visible at once.',
    activity: 'Publishing PowerShell modules',
  },
  { key: 'search', name: 'Search', description: 'Finding packages by words.', activity: 'Searching' },
  {
    key: 'search/nuget',
    name: '.NET packages',
    description: 'Search of NuGet clients.',
    activity: 'Searching .NET packages',
  },
  {
    key: 'search/powershell',
    name: 'PowerShell modules',
    description: 'Find-PSResource, Find-Module.',
    activity: 'Searching PowerShell modules',
  },
  { key: 'website', name: 'Website', description: 'The gallery’s own pages.', activity: 'The website' },
  { key: 'sign-in', name: 'Sign-in', description: 'Signing in to the website.', activity: 'Signing in' },
  { key: 'mail', name: 'Mail', description: 'Messages that the gallery sends.', activity: 'Mail' },
  { key: 'statistics', name: 'Statistics', description: 'Download counts.', activity: 'Statistics' },
];

/** @returns what begins a sentence about a component: of one that is not ours, its key in words */
export function activityOf(key: string): string {
  const known = componentNames.find((one) => one.key === key);
  if (known !== undefined) return known.activity;
  const [group = '', member] = key.split('/');
  const name = group.slice(0, 1).toUpperCase() + group.slice(1);
  return member === undefined ? name : `${name} (${member})`;
}
