import type { ModuleFacts, PatchedObject } from '@rebootless/shared/contract/module-facts.ts'

type Expected = Omit<ModuleFacts, 'vermagic' | 'release' | 'buildId' | 'architecture' | 'srcversion' | 'modversions'>
type Functions = PatchedObject['functions']

const functions = (...named: readonly (string | readonly [name: string, sympos: number])[]): Functions =>
  named.map((one) => {
    const [name, sympos] = typeof one === 'string' ? [one, 0] : one
    return { name, sympos, replacement: `livepatch_${name}` }
  })
const object = (
  name: string | null,
  patched: Functions = [],
  callbacks: PatchedObject['callbacks'] = [],
): PatchedObject => ({ name, functions: patched, callbacks })

const expected = (name: string, facts: Partial<Expected>): Expected => ({
  ...{ name, version: null, description: null, licence: 'GPL', author: null, depends: [], maker: 'source' },
  ...{ objects: null, unread: null, replace: false, shadowVariables: [], states: [], signature: null, cves: [] },
  ...facts,
})

const LONGEST_NAME = 'a_module_with_a_name_as_long_as_a_kernel_lets_it_have_o'
const many = [0, 1, 2, 3].flatMap((tens) => [0, 1, 2, 3, 4, 5, 6, 7].map((ones) => `f${tens}${ones}`))

/** What each source in `built/` says, by its name, read by a person and not from what came out. */
export const EXPECTED: readonly Expected[] = [
  expected('lpi_plain', {
    version: '1.4-2',
    description: 'Mends CVE-2024-1086 and cve-2023-32233; not xCVE-2020-00001',
    // The compiler lays the variables of a file down from its end.
    author: 'B. Author, A. Author',
    cves: ['CVE-2023-32233', 'CVE-2024-1086', 'CVE-2026-0001'],
    objects: [object(null, functions('cmdline_proc_show'))],
  }),
  expected('lpi_cumulative', {
    replace: true,
    objects: [object(null, functions('meminfo_proc_show', ['show', 2], ['store', 117]))],
  }),
  expected('lpi_objects', {
    objects: [
      object('ext4', functions('ext4_map_blocks', ['ext4_readdir', 1]), ['pre_patch', 'post_unpatch']),
      object(null, functions('do_sys_open')),
      object('veth', functions('veth_xmit'), ['post_patch', 'pre_unpatch']),
      object('nf_tables'),
    ],
  }),
  expected('lpi_shadow', {
    shadowVariables: ['klp_shadow_free_all', 'klp_shadow_get_or_alloc'],
    objects: [object(null, functions('do_exit'), ['post_unpatch'])],
  }),
  expected('lpi_states', {
    replace: true,
    states: [
      { id: '7', version: 3 },
      { id: '4294967297', version: 1 },
    ],
    objects: [object(null, functions('vmstat_start'))],
  }),
  expected('lpi_many', { objects: [object(LONGEST_NAME, functions(...many))] }),
  expected('lpi_at_load', {
    ...{ maker: 'unknown', objects: null, replace: null, states: null },
    unread: 'No table of a livepatch stands in its data: its code makes it when it is loaded.',
  }),
  expected('lpi_kpatch', {
    ...{ maker: 'kpatch', description: 'kpatch', replace: null },
    objects: [
      object(null, functions('tcp_sendmsg', ['nf_hook_slow', 2]), ['post_unpatch']),
      object('nf_tables', functions(['nft_do_chain', 1]), ['pre_patch', 'post_unpatch']),
    ],
  }),
  expected('lpi_klp_build', {
    ...{ maker: 'klp-build', replace: null, states: null },
    objects: [
      object(null, functions('tcp_sendmsg')),
      object('nf_tables', functions(['nft_do_chain', 1], ['nft_lookup', 4]), ['post_patch']),
    ],
  }),
]
