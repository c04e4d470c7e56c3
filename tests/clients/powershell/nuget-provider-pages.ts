/**
 * How the NuGet provider 2.8.5.208 gets a feed: three tries, pages of forty, four at once behind the first (Utility/NuGetWebUtility.cs SendRequest,
 * NugetLightClient.cs InitialDownloadDataToStream, OneGet PathUtility.cs GetHttpResponse).
 */
import { type Credential, decoded, get, type HttpAnswer } from './dotnet-http.ts';
import { readXml, type XmlElement } from './dotnet-xml.ts';
import { type ProviderPackage, readEntry } from './nuget-provider-entry.ts';

const pageEntries = 40;
const sendersAtOnce = 4;
const tries = 3;

export interface ProviderRequest {
  readonly credential?: Credential | undefined;
  /** Option `Headers`: PowerShellGet sets it when it finds, not when it installs. */
  readonly headers: Readonly<Record<string, string>>;
}

/** PathUtility.GetHttpClientHelper and NuGetRequest.Client. */
const agent = { 'User-Agent': 'Mozilla/5.0 NuGet' };
const accepted = { 'Accept-Charset': 'UTF-8', 'Accept-Encoding': 'gzip,deflate' };

/** GetHttpResponse: asks again at once after whatever is no success. @returns undefined when nothing came back */
export async function getThrice(
  url: string,
  request: ProviderRequest,
  isPlain = false,
): Promise<HttpAnswer | undefined> {
  const headers = isPlain ? agent : { ...agent, ...accepted, ...request.headers };
  let answer: HttpAnswer | undefined;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    answer = await get(url, headers, { credential: request.credential });
    if (answer.status >= 200 && answer.status <= 299) break;
  }
  return answer;
}

/** DownloadDataToStream. @returns undefined for whatever is no success */
export async function downloadText(url: string, request: ProviderRequest): Promise<string | undefined> {
  const answer = await getThrice(url, request);
  return answer !== undefined && isSuccess(answer) ? decoded(answer).toString() : undefined;
}

/** SendRequest. @param query address without $skip and $top */
export async function readFeed(query: string, request: ProviderRequest): Promise<ProviderPackage[]> {
  const pageAt = (base: string, skip: number | string, top: number | string) => `${base}&$skip=${skip}&$top=${top}`;
  const first = await firstPage(query, pageAt, request);
  if (first === undefined) return [];
  const entries = entriesOf(first.text);
  const packages = entries.map(readEntry);
  // Fewer: there is no more. More: the server does not know $top. In both cases that is all.
  if (entries.length !== pageEntries) return packages;
  // A redirect of the first page changes the host of the others, and nothing else.
  const base = new URL(query);
  base.hostname = new URL(first.url).hostname;
  await laterPages((skip) => pageAt(base.href, skip, pageEntries), packages, request);
  return packages;
}

interface FirstPage {
  readonly text: string;
  readonly url: string;
}

/** When all tries fail, the address goes out once more with its placeholders unfilled and without headers: a bug that servers see. */
async function firstPage(
  query: string,
  pageAt: (base: string, skip: number | string, top: number | string) => string,
  request: ProviderRequest,
): Promise<FirstPage | undefined> {
  let answer = await getThrice(pageAt(query, 0, pageEntries), request);
  if ((answer === undefined || !isSuccess(answer)) && request.credential === undefined) {
    answer = await getThrice(pageAt(query, '{0}', '{1}'), request, true);
  }
  return answer !== undefined && isSuccess(answer) ? { text: decoded(answer).toString(), url: answer.url } : undefined;
}

/** Four requests are under way; each answer starts the next, until one is short or brings the very first package again. */
async function laterPages(
  pageAt: (skip: number) => string,
  packages: ProviderPackage[],
  request: ProviderRequest,
): Promise<void> {
  let skip = 0;
  let place = 0;
  let isEnough = false;
  let looksForFirst = packages[0];
  const underWay = new Map<number, Promise<{ place: number; text: string | undefined }>>();
  const send = () => {
    skip += pageEntries;
    const own = place++;
    underWay.set(
      own,
      downloadText(pageAt(skip), request).then((text) => ({ place: own, text })),
    );
  };
  for (let sender = 0; sender < sendersAtOnce; sender += 1) send();
  while (underWay.size > 0) {
    const done = await Promise.race(underWay.values());
    underWay.delete(done.place);
    // `yield break`: what the others bring is lost.
    if (done.text === undefined) return void (await Promise.all(underWay.values()));
    const entries = entriesOf(done.text);
    if (entries.length < pageEntries) isEnough = true;
    for (const entry of entries) {
      const read = readEntry(entry);
      if (looksForFirst !== undefined && isSame(read, looksForFirst)) {
        isEnough = true;
        break;
      }
      packages.push(read);
    }
    looksForFirst = undefined;
    if (!isEnough) send();
  }
}

function isSame(one: ProviderPackage, other: ProviderPackage): boolean {
  const key = ({ id, version }: ProviderPackage) => `${id} ${version.original}`.toLowerCase();
  return key(one) === key(other);
}

/** `document.Root.ElementsNoNamespace("entry")`: children of the root by local name. */
function entriesOf(text: string): XmlElement[] {
  return readXml(text).children.filter(
    (child) => child.kind === 'element' && child.localName === 'entry',
  ) as XmlElement[];
}

function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}
