import type { KernelFacts } from './kernel-facts.ts'
import type { ModuleImage } from './module-image.ts'

export interface LoadedModule {
  readonly image: ModuleImage
  readonly parameters: Record<string, string>
  /** Letters in the order of their bits: Documentation/admin-guide/tainted-kernels.rst. */
  readonly taint: string
  /** Hexadecimal, without 0x. */
  readonly address: string
  references: number
  state: 'coming' | 'live' | 'going'
}

/** Bit of each letter in /proc/sys/kernel/tainted. */
const TAINT_BITS = { D: 7, O: 12, E: 13, K: 15 } as const
export type TaintLetter = keyof typeof TAINT_BITS

/** Where modules lie, and in what steps: as seen on each architecture. */
const AREAS: Readonly<Record<KernelFacts['architecture'], readonly [base: bigint, page: bigint]>> = {
  x86_64: [0xff_ff_ff_ff_c0_50_00_00n, 0x10_00n],
  ppc64le: [0xc0_08_00_00_00_0e_00_00n, 0x1_00_00n],
  aarch64: [0xff_ff_80_00_78_ba_00_00n, 0x10_00n],
  s390x: [0x00_00_03_ff_60_00_00_00n, 0x10_00n],
}

/** The modules of a kernel, and what they left on it. */
export class LoadedModules {
  readonly #modules = new Map<string, LoadedModule>()
  readonly #architecture: KernelFacts['architecture']
  #tainted = 0
  #usedBytes = 0n

  constructor(architecture: KernelFacts['architecture']) {
    this.#architecture = architecture
  }

  get(name: string): LoadedModule | undefined {
    return this.#modules.get(name)
  }

  /** Oldest first. */
  all(): readonly LoadedModule[] {
    return [...this.#modules.values()]
  }

  /** /proc/sys/kernel/tainted: what is set stays. */
  get tainted(): number {
    return this.#tainted
  }

  /** @returns whether the kernel had not got this one yet */
  taint(letter: TaintLetter): boolean {
    const bit = 1 << TAINT_BITS[letter]
    const fresh = (this.#tainted & bit) === 0
    this.#tainted |= bit
    return fresh
  }

  /** Puts it on the list, held by its own loading (module_unload_init). */
  add(image: ModuleImage, parameters: Record<string, string>, taint: string): LoadedModule {
    const [base, page] = AREAS[this.#architecture]
    const address = (base + this.#usedBytes).toString(16).padStart(16, '0')
    this.#usedBytes += ((BigInt(Math.max(1, image.sizeBytes)) + page - 1n) / page + 1n) * page
    const module: LoadedModule = { image, parameters, taint, address, references: 1, state: 'coming' }
    this.#modules.set(image.name, module)
    return module
  }

  remove(name: string): void {
    this.#modules.delete(name)
  }

  take(name: string): void {
    const module = this.#modules.get(name)
    if (module) module.references += 1
  }

  put(name: string): void {
    const module = this.#modules.get(name)
    if (module) module.references -= 1
  }
}
