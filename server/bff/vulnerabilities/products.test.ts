// Goal: vendors' names of products become ours, and what is not a product whose kernel we judge becomes none. Method: names and CPEs that
// the vendors' feeds have, listed.
import { describe, expect, test } from 'vitest'
import {
  debianProduct,
  isDebianKernel,
  isRedHatKernel,
  isSuseKernel,
  isUbuntuKernel,
  osvProduct,
  redHatProduct,
  suseProduct,
  ubuntuProduct,
} from './products.ts'

test.each([
  ['cpe:/o:redhat:enterprise_linux:9', '', 'rhel:9'],
  ['cpe:/a:redhat:enterprise_linux:8::nfv', '', 'rhel:8'],
  ['cpe:/o:redhat:enterprise_linux:10.0', '', 'rhel:10'],
  ['cpe:/a:redhat:rhel_extras_rt:7', '', 'rhel:7'],
  ['cpe:/o:redhat:rhel_eus:9.2::baseos', '', 'rhel:9.2-eus'],
  ['cpe:/o:redhat:rhel_mission_critical:6.2', '', 'rhel:6.2-aus'],
  ['cpe:/o:redhat:rhel_els:7', 'rhel-7-els.els', 'rhel:7-els'],
  ['cpe:/a:redhat:enterprise_linux:9', 'rhel-9.4.0', 'rhel:9.4'],
  ['cpe:/a:redhat:enterprise_linux:9', 'rhel-9.7.z', 'rhel:9'],
  ['cpe:/a:redhat:enterprise_mrg:2:server:el6', '', null],
  ['cpe:/a:redhat:openshift:4.12::el8', '', null],
  ['cpe:/a:redhat:__proto__:1', '', null],
])('Red Hat: %s %s → %s', (cpe, id, product) => {
  expect(redHatProduct(cpe, id)).toBe(product)
})

test.each([
  ['SUSE Linux Enterprise Module for Basesystem 15 SP5', 'sles:15.5'],
  ['SUSE Linux Enterprise Module for Basesystem 15', 'sles:15'],
  ['SUSE Linux Enterprise Server 15 SP2-LTSS', 'sles:15.2-ltss'],
  ['SUSE Linux Enterprise Server 12 SP5', 'sles:12.5'],
  ['SUSE Linux Enterprise Server 11 SP4 LTSS EXTREME CORE', 'sles:11.4-ltss-extreme-core'],
  ['SUSE Linux Enterprise High Performance Computing 15 SP4-ESPOS', 'sle-hpc:15.4-espos'],
  ['SUSE Linux Enterprise Micro 5.5', 'sle-micro:5.5'],
  ['openSUSE Leap 15.6', 'opensuse-leap:15.6'],
  ['openSUSE Leap Micro 5.3', 'opensuse-leap-micro:5.3'],
  ['openSUSE Tumbleweed', 'opensuse-tumbleweed:rolling'],
  ['SUSE Linux Enterprise Live Patching 15 SP4', null],
  ['SUSE Linux Enterprise Server', null],
  [`SUSE Linux Enterprise Server 15${' SP1'.repeat(10_000)}`, null],
])('SUSE: %s → %s', (name, product) => {
  expect(suseProduct(name)).toBe(product)
})

test.each([
  ['jammy', 'ubuntu:22.04'],
  ['esm-infra/bionic', 'ubuntu-pro:18.04'],
  ['trusty/esm', 'ubuntu-pro:14.04'],
  ['esm-infra-legacy/trusty', 'ubuntu-pro-legacy:14.04'],
  ['fips-updates/jammy', 'ubuntu-pro-fips-updates:22.04'],
  ['esm-apps/jammy', null],
  ['constructor', null],
  ['', null],
])('Ubuntu: %s → %s', (release, product) => {
  expect(ubuntuProduct(release)).toBe(product)
})

test.each([
  ['Debian:12', 'debian:12'],
  ['Ubuntu:22.04:LTS', 'ubuntu:22.04'],
  ['Ubuntu:24.10', 'ubuntu:24.10'],
  ['Ubuntu:Pro:14.04:LTS', 'ubuntu-pro:14.04'],
  ['Ubuntu:Pro:FIPS-updates:22.04:LTS', 'ubuntu-pro-fips-updates:22.04'],
  ['Alpine:v3.20', null],
])('OSV: %s → %s', (ecosystem, product) => {
  expect(osvProduct(ecosystem)).toBe(product)
})

test('Debian’s code names', () => {
  expect(['bookworm', 'sid', 'warty', 'toString'].map(debianProduct)).toEqual(['debian:12', 'debian:sid', null, null])
})

describe('packages that are a kernel', () => {
  test.each([
    [isDebianKernel, ['linux', 'linux-6.1'], ['linux-base', 'linux-signed-amd64', 'linux-atm']],
    [
      isUbuntuKernel,
      ['linux', 'linux-aws', 'linux-hwe-6.8', 'linux-lowlatency'],
      ['linux-firmware', 'linux-meta-aws', 'linux-signed', 'linuxptp'],
    ],
    [isRedHatKernel, ['kernel', 'kernel-rt'], ['kernel-core', 'kpatch', 'kernel-srpm-macros', 'kernel-rt-debug']],
    [
      isSuseKernel,
      ['kernel-default', 'kernel-rt', 'kernel-azure'],
      ['kernel-default-devel', 'kernel-source', 'kernel-firmware', 'kernel-docs'],
    ],
  ])('%o', (is, those, others) => {
    expect([those.filter(is), others.filter(is)]).toEqual([those, []])
  })
})
