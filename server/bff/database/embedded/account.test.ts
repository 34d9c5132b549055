// Goal: as root, PostgreSQL gets a user that exists and can reach its files. Method: made-up users, real folders.
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Account, type Accounts, chooseAccount, folderInTheWay, parsePasswd } from './account.ts'

test('users are read from passwd(5), other lines are left out', () => {
  const text = 'root:x:0:0:root:/root:/bin/bash\n+::::::\n# comment\nnobody:x:65534:65533::/nonexistent:/bin/false\n'
  expect(parsePasswd(text)).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'nobody', uid: 65534, gid: 65533 },
  ])
})

const machine = (names: string[], canCreate: boolean): Accounts => {
  const account = (name: string, index: number): Account => ({ name, uid: 100 + index, gid: 100 + index })
  return {
    list: async () => names.map(account),
    async create(name) {
      if (!canCreate) throw new Error('useradd: not found')
      names.push(name)
    },
  }
}

test('the order is rebootless, a new rebootless, postgres, nobody', async () => {
  const chosen = async (names: string[], canCreate: boolean) => (await chooseAccount(machine(names, canCreate))).name
  expect(await chosen(['nobody', 'postgres', 'rebootless'], false)).toBe('rebootless')
  expect(await chosen(['nobody', 'postgres'], true)).toBe('rebootless')
  expect(await chosen(['nobody', 'postgres'], false)).toBe('postgres')
  expect(await chosen(['nobody'], false)).toBe('nobody')
  await expect(chosen([], false)).rejects.toThrow(/useradd --system rebootless/)
})

test('the first folder that a user may not pass through is named', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'account-'))
  const stranger: Account = { name: 'stranger', uid: 54_321, gid: 54_321 }
  try {
    await mkdir(path.join(folder, 'closed/inner'), { recursive: true })
    await chmod(folder, 0o755)
    await chmod(path.join(folder, 'closed'), 0o700)
    expect(await folderInTheWay(path.join(folder, 'closed/inner'), stranger)).toBe(path.join(folder, 'closed'))
    const owner = { name: 'owner', uid: process.getuid?.() ?? -1, gid: -1 }
    expect(await folderInTheWay(path.join(folder, 'closed/inner'), owner)).toBeUndefined()
    await chmod(path.join(folder, 'closed'), 0o711)
    expect(await folderInTheWay(path.join(folder, 'closed/inner'), stranger)).toBeUndefined()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
