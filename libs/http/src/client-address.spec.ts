import { addressesIn, plainAddress } from './client-address.js';

describe('the address of a client', () => {
  it.each([
    ['203.0.113.5:41234', '203.0.113.5'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['[2001:DB8::0:1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', null],
    ['_hidden', null],
    ['', null],
    ['a'.repeat(3_000), null],
  ])('%j is read as %j', (text, address) => {
    expect(plainAddress(text)).toBe(address);
  });

  it.each([
    ['198.51.100.1:1, 203.0.113.5:2', ['198.51.100.1', '203.0.113.5']],
    ['198.51.100.1, unknown, 203.0.113.5', ['203.0.113.5']],
    ['unknown', []],
  ])('%j is a chain of %j', (header, addresses) => {
    expect(addressesIn(header)).toEqual(addresses);
  });
});
