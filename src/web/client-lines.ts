/** Lines to paste for each client: shown on the home page, and by `serve` at the first start. */

export interface ClientSection {
  readonly title: string;
  readonly about: string;
  readonly lines: readonly string[];
}

/**
 * @param baseUrl the gallery's address
 * @param token a token, or words in its place
 */
export function clientLines(baseUrl: string, token: string): ClientSection[] {
  const insecure = baseUrl.startsWith('http://') ? ' --allow-insecure-connections' : '';
  return [
    {
      title: 'Publish a Python package',
      about: 'With twine; poetry, flit, hatch, pdm and uv take the same address.',
      lines: [`twine upload --repository-url ${baseUrl}/legacy/ -u __token__ -p ${token} dist/*`],
    },
    {
      title: 'Install a Python package',
      about: 'With pip, from this gallery only.',
      lines: [`pip install --index-url ${baseUrl}/simple/ NAME`],
    },
    {
      title: 'Publish a .NET package',
      about: 'Name the gallery as a source once, then push.',
      lines: [
        `dotnet nuget add source ${baseUrl}/v3/index.json -n holdfast${insecure}`,
        `dotnet nuget push PACKAGE.nupkg -s holdfast -k ${token}`,
      ],
    },
    {
      title: 'Install a .NET package',
      about: 'In a project, with the source above.',
      lines: ['dotnet add package NAME'],
    },
    {
      title: 'Publish a PowerShell module or script',
      about: 'With PSResourceGet; PowerShellGet 2 takes the same address.',
      lines: [
        `Register-PSResourceRepository -Name Holdfast -Uri ${baseUrl}/powershellgallery.com/api/v2 -Trusted`,
        `Publish-PSResource -Path MODULE -Repository Holdfast -ApiKey ${token}`,
      ],
    },
    {
      title: 'Install a PowerShell module or script',
      about: 'From the repository above.',
      lines: ['Install-PSResource NAME -Repository Holdfast'],
    },
  ];
}
