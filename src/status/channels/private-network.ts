/**
 * Which addresses are nobody's on the open internet: loopback, private, link-local, and what stands for them in other clothes.
 * Strangers may give us addresses of webhooks; those must not lead into the network that the service stands in.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** RFC 6890 and its registry: what is not globally reachable. */
const closedIPv4 = blocked('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]);
/** Of IPv6 only this is given out; mapped, translated and local addresses are all outside of it. */
const openIPv6 = blocked('ipv6', [['2000::', 3]]);
/** Within it: Teredo and others (2001::/23), documentation, and 6to4, which holds an IPv4 address. */
const closedIPv6 = blocked('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

function blocked(family: 'ipv4' | 'ipv6', ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}

/** @returns whether an IP address is not one of the open internet; true also for what is no address at all */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return closedIPv4.check(address, 'ipv4');
  if (family === 6) return !openIPv6.check(address, 'ipv6') || closedIPv6.check(address, 'ipv6');
  return true;
}

export class PrivateAddressError extends Error {}

const message =
  'its address is in a private network, which the configuration does not allow (subscribers.isPrivateAllowed)';

/** @throws PrivateAddressError when the host of an address is itself a private IP address, for which nothing is looked up */
export function refusePrivateHost(url: URL): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw new PrivateAddressError(message);
}

/**
 * Looks a name up and gives only the public addresses of it. The connection goes to one of these and not to what a second look-up
 * would give, so a name that changes its answer leads nowhere else.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const open = addresses.filter(({ address }) => !isPrivateAddress(address));
    const first = open[0];
    if (first === undefined) return callback(new PrivateAddressError(message), '', 0);
    return options.all ? callback(null, open) : callback(null, first.address, first.family);
  });
};
