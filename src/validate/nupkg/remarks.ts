/**
 * What is worth saying about a package that is taken: its uploader may want the next one to be better. Modules and scripts of
 * PowerShell have neither licences inside nor readmes by their clients' making, so nothing is said of that.
 */
import type { Candidate } from '../candidate.ts';
import type { NuspecMetadata } from './nuspec.ts';

/**
 * @param wasSigned whether an earlier version of the package is signed
 * @returns whole sentences, one for each remark
 */
export function remarksOn(candidate: Candidate, wasSigned: boolean): readonly string[] {
  const metadata = candidate.versionMetadata as NuspecMetadata;
  const remarks = [...(candidate.warnings ?? [])];
  if (wasSigned && candidate.fileMetadata.signature === undefined) {
    remarks.push(`${candidate.name} was signed before, and ${candidate.version} is not.`);
  }
  if (metadata.powershell !== undefined) return remarks;
  const { licenseUrl, licenseExpression, licenseFile, readmeFile } = metadata;
  if (licenseUrl !== undefined && licenseExpression === undefined && licenseFile === undefined) {
    remarks.push('The package names its licence by an address only (licenseUrl); use a licence expression or file.');
  }
  if (readmeFile === undefined) {
    remarks.push('The package has no readme; add one, so that people can see what it is for.');
  }
  return remarks;
}
