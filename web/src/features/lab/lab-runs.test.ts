// Goal: pictures, table and sentences say what the simulator said. Method: real runs of a small machine, packed as the
// worker packs them, against the runs themselves.
import type { LabRun } from '@rebootless/server/sim/lab/lab-run.ts'
import { runLab } from '@rebootless/server/sim/lab/run-lab.ts'
import { describe, expect, test } from 'vitest'
import { Cells, cellAt, cellGrid } from './cells.ts'
import { SYSTEM_ORDER } from './lab-words.ts'
import { marksOf } from './lane-drawing.ts'
import { lanePieces } from './lane-pieces.ts'
import { chooseLanes, groupName, laneAt, laneGeometry, slowestFirstIn } from './lanes.ts'
import { activityOf, packRun, stretchAt, universeOf } from './packed-run.ts'
import { eventMoments, factsOf, nextMoment } from './run-facts.ts'
import { outcomeOf, outcomeWords, resultSentence, spokenMoments, stopWords } from './sentences.ts'
import { overWord } from './task-table.tsx'
import { taskAtMoment, taskStory } from './task-words.ts'
import { axisAround, positionOf } from './time-axis.ts'

const setting = { seed: 4_711, load: 'web_server', tasks: 40, cpus: 2, sleepers: 1, functions: 1, seconds: 20 } as const
const runs: readonly LabRun[] = SYSTEM_ORDER.map((system) => runLab(setting, system))
const all = runs.map((run) => factsOf(packRun(run)))
const of = (system: LabRun['system']) => {
  const at = SYSTEM_ORDER.indexOf(system)
  const [run, facts] = [runs[at], all[at]]
  if (!run || !facts) throw new Error(system)
  return { run, facts }
}
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each(SYSTEM_ORDER)('%s: packed, each task does at each moment what it did', (system) => {
  const { run, facts } = of(system)
  for (const [index, task] of run.tasks.entries()) {
    const packed = facts.run.tasks[index]
    if (!packed) throw new Error('a task is lost')
    expect(stretchAt(facts.run, packed, -1)).toBe(-1)
    for (const [at, stretch] of task.stretches.entries()) {
      const until = task.stretches[at + 1]?.fromUs ?? run.endUs
      for (const moment of [stretch.fromUs, Math.max(stretch.fromUs, until - 1)]) {
        const what = facts.run.what[stretchAt(facts.run, packed, moment)] ?? -1
        expect([activityOf(what), universeOf(what)]).toEqual([stretch.activity, stretch.universe])
      }
    }
  }
})

describe('cells', () => {
  /** A pen that only counts: what is painted is a matter of looking, that only changes are painted is not. */
  const pen = () => {
    const calls: string[] = []
    const nothing = () => undefined
    const target = { clearRect: () => calls.push('clear'), fillRect: nothing, save: nothing, restore: nothing }
    const path = { beginPath: nothing, rect: nothing, clip: nothing, moveTo: nothing, lineTo: nothing, stroke: nothing }
    return { calls, pen: { ...target, ...path } as unknown as CanvasRenderingContext2D }
  }
  const palette = {} as Parameters<Cells['paint']>[2]

  test.each(SYSTEM_ORDER)('%s: going forward by frames is the same as looking at each moment anew', (system) => {
    const { facts } = of(system)
    const played = new Cells(facts.run)
    for (let atUs = 0; atUs <= facts.run.endUs; atUs += 333_333) {
      played.goTo(atUs)
      const fresh = new Cells(facts.run)
      fresh.goTo(atUs)
      expect(played.tasks.map((_, index) => played.whatOf(index))).toEqual(
        fresh.tasks.map((_, index) => fresh.whatOf(index)),
      )
    }
    played.goTo(0)
    expect(played.whatOf(0)).toBe(facts.run.what[stretchAt(facts.run, played.tasks[0] ?? never(), 0)])
  })

  test('paints all once, then only those that changed; new code is counted', () => {
    const { facts } = of('livepatch')
    const cells = new Cells(facts.run)
    const grid = cellGrid(cells.tasks.length, 200, 80)
    const { pen: pencil, calls } = pen()
    cells.goTo(0)
    expect(cells.paint(pencil, grid, palette)).toBe(cells.tasks.length)
    expect(cells.goTo(0)).toBe(false)
    expect(cells.paint(pencil, grid, palette)).toBe(0)
    expect(cells.newCount).toBe(0)
    cells.goTo(facts.run.endUs)
    expect(cells.paint(pencil, grid, palette)).toBeLessThanOrEqual(cells.tasks.length)
    expect(cells.newCount).toBe(setting.tasks)
    expect(calls.length).toBeGreaterThan(cells.tasks.length)
    cells.forget()
    expect(cells.paint(pencil, grid, palette)).toBe(cells.tasks.length)
  })

  test.each([10, 40, 200, 500, 2_000])('%i cells fit their room, and each is found where it is', (tasks) => {
    const grid = cellGrid(tasks, 196, 84)
    expect(grid.columns * grid.pitch).toBeLessThanOrEqual(196)
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(tasks)
    for (const index of [0, 1, grid.columns, tasks - 1]) {
      const [column, row] = [index % grid.columns, Math.floor(index / grid.columns)]
      expect(cellAt(grid, (column + 0.5) * grid.pitch, (row + 0.5) * grid.pitch)).toBe(index)
    }
    expect(cellAt(grid, grid.columns * grid.pitch + 1, 1)).toBe(-1)
  })
})

const never = (): never => {
  throw new Error('there is no such task')
}

describe('lanes', () => {
  test('one of many goes by their name', () => {
    expect(['kworker/2:1', 'httpd-12', 'nginx', 'jbd2', '42'].map(groupName)).toEqual([
      ...['kworker', 'httpd', 'nginx', 'jbd2', '42'],
    ])
  })

  test('who holds things up is drawn, every name has a lane, and there are no more than there is room for', () => {
    const groups = chooseLanes(all)
    const drawn = groups.flatMap(({ tids }) => tids)
    expect(drawn.length).toBeLessThanOrEqual(12)
    expect(new Set(drawn).size).toBe(drawn.length)
    const names = new Set(
      of('kpatch').run.tasks.flatMap(({ comm, kind }) => (kind === 'idle' ? [] : [groupName(comm)])),
    )
    expect(new Set(groups.map(({ name }) => name))).toEqual(names)
    const held = [...of('kpatch').facts.never.keys()]
    expect(held.length).toBeGreaterThan(0)
    const slowest = [...(all[0]?.run.tasks ?? [])].map(({ tid }) => tid).sort(slowestFirstIn(all))[0]
    expect(drawn).toContain(slowest)
  })

  test('each lane is found where it is drawn', () => {
    const geometry = laneGeometry(chooseLanes(all), of('kgraft').facts.run)
    for (const { task, top } of geometry.lanes) expect(laneAt(geometry, top + 4)).toBe(task)
    expect(laneAt(geometry, 0)).toBeNull()
    expect(geometry.lanes.at(-1)?.top).toBeLessThan(geometry.height)
  })

  test.each(SYSTEM_ORDER)('%s: pieces touch, cover the view, and change code where the task does', (system) => {
    const { facts } = of(system)
    const width = 600
    for (const axis of [axisAround('log', 0, 0, facts.run.endUs), axisAround('even', 3, 5_000_000, facts.run.endUs)])
      for (const task of facts.run.tasks.filter(({ kind }) => kind !== 'idle')) {
        const pieces = lanePieces(facts.run, task, axis, width)
        expect(pieces[0]?.left).toBeCloseTo(0, 6)
        expect(pieces.at(-1)?.right).toBeCloseTo(width, 6)
        for (const [index, piece] of pieces.entries())
          if (index > 0) expect(piece.left).toBeCloseTo(pieces[index - 1]?.right ?? -1, 6)
        const over = facts.switched.get(task.tid)
        if (over === undefined || over.atUs <= axis.fromUs || over.atUs >= axis.toUs) continue
        const x = positionOf(axis, over.atUs) * width
        const first = pieces.find(({ universe }) => universe === 'new')
        expect(Math.abs((first?.left ?? -100) - x), `task ${task.tid}`).toBeLessThan(1)
      }
  })

  test('the end is written first, then the longest stop', () => {
    const { facts } = of('kpatch')
    const [end, longest] = marksOf(facts)
    expect(end).toMatchObject({ kind: 'gave_up', atUs: facts.gaveUp?.atUs })
    expect(longest?.kind).toBe('stop')
    expect(marksOf(of('livepatch').facts)[0]).toMatchObject({ kind: 'done', atUs: of('livepatch').run.completedUs })
  })
})

describe('words', () => {
  test('kpatch gives up where livepatch finishes, and both are said with their numbers', () => {
    const [kpatch, livepatch] = [of('kpatch').facts, of('livepatch').facts]
    expect(outcomeOf(kpatch)).toBe('gave_up')
    expect(plain(outcomeWords(kpatch))).toMatch(/^Gave up at \d/)
    expect(plain(stopWords(kpatch))).toMatch(/^Stopped 5 times, longest \d+(\.\d+)? (µs|ms)$/)
    expect(resultSentence(kpatch)).toMatch(
      /^It gave up after stopping the machine 5 times; old code runs on everywhere\./,
    )
    expect(plain(outcomeWords(livepatch))).toMatch(/^Done at 1\d\.\d s$/)
    expect(stopWords(livepatch)).toBe('No stop')
    expect(resultSentence(livepatch)).toContain('nothing stopped')
  })

  test('a run that is cut short says who had not gone over', () => {
    const cut = factsOf(packRun(runLab({ ...setting, seconds: 5 }, 'livepatch')))
    expect(outcomeOf(cut)).toBe('open')
    expect(plain(outcomeWords(cut))).toBe('Not done after 5.00 s')
    expect(resultSentence(cut)).toMatch(/^\S+ \(\d+\) never went over\.$/)
  })

  test('a listener hears each stop with its length and moment, and the end, in order', () => {
    const { run, facts } = of('kpatch')
    const spoken = spokenMoments(facts)
    expect(spoken).toHaveLength(run.stops.length + 1)
    expect(plain(spoken[1]?.text ?? '')).toMatch(/^kpatch: stopped \d+(\.\d+)? (µs|ms) at \d\.\d\d s$/)
    expect(plain(spoken.at(-1)?.text ?? '')).toMatch(/^kpatch: gave up at /)
    expect(spoken.map(({ atUs }) => atUs)).toEqual(spoken.map(({ atUs }) => atUs).toSorted((a, b) => a - b))
  })

  test('a task has its story in each system', () => {
    const { run, facts } = of('livepatch')
    const held = of('kpatch').run.never[0] ?? never()
    expect(taskStory(facts, held.tid)).toMatch(/Goes over at/)
    expect(taskStory(of('kpatch').facts, held.tid)).toMatch(/In the way .*(Never goes over|Stays on old code)/)
    expect(taskAtMoment(facts, held.tid, 0)).toMatch(/asleep in a patched function, on old code/)
    expect(taskAtMoment(facts, held.tid, run.endUs)).toMatch(/on new code/)
    expect(taskAtMoment(facts, 999_999, 0)).toBe('is not there yet')
    expect(overWord(facts, held.tid)).toMatch(/s$/)
    expect(overWord(of('livepatch_immediate').facts, held.tid)).toBe('next call')
  })
})

test('steps go to each moment at which something happens, and back', () => {
  const moments = eventMoments(all.map(({ run }) => run))
  const endUs = 20_000_000
  let atUs = -1
  const seen: number[] = []
  while (atUs < endUs) {
    atUs = nextMoment(moments, atUs, 1, endUs)
    seen.push(atUs)
  }
  expect(seen.filter((moment) => moment < endUs)).toEqual(moments.filter((moment) => moment < endUs))
  for (const { completedUs, stops } of runs)
    for (const moment of [completedUs ?? 0, ...stops.flatMap(({ fromUs, toUs }) => [fromUs, toUs])])
      expect(seen.includes(moment) || moment === 0).toBe(true)
  expect(nextMoment(moments, seen[3] ?? 0, -1, endUs)).toBe(seen[2])
  expect(nextMoment(moments, 0, -1, endUs)).toBe(0)
})
