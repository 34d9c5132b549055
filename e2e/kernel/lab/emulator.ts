import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import type { Architecture } from './architectures.ts'

export interface EmulatorOptions {
  readonly architecture: Architecture
  readonly image: string
  readonly initramfs: string
  readonly controlSocket: string
  readonly consoleLog: string
  readonly memoryMiB: number
  /** Slower, but without the known crash, see death.ts. */
  readonly singleThread: boolean
  readonly disk: string | undefined
  readonly kernelParameters: readonly string[]
}

export interface Emulator {
  readonly pid: number
  readonly ended: Promise<void>
  console(): string
  kill(): void
}

export function startEmulator(options: EmulatorOptions): Emulator {
  // When this process dies, however it does, the kernel ends QEMU with it.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...emulatorCommand(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(options.consoleLog)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      log.write(chunk)
    })
  }
  return {
    pid: child.pid ?? 0,
    ended: ending(child).finally(() => log.end()),
    console: () => text,
    kill: () => void child.kill('SIGKILL'),
  }
}

function emulatorCommand(options: EmulatorOptions): string[] {
  const { image, initramfs, controlSocket, memoryMiB, singleThread, disk, kernelParameters } = options
  const { emulator, console, bus } = options.architecture
  const network = bus === 'pci' ? 'virtio-net-pci,netdev=net,romfile=' : 'virtio-net-ccw,netdev=net'
  return [
    emulator.program,
    ...['-accel', singleThread ? 'tcg,thread=single' : 'tcg,thread=multi', ...emulator.arguments],
    ...['-smp', '2', '-m', `${memoryMiB}`, '-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-kernel', image, '-initrd', initramfs],
    // An oops ends the machine: what runs on after one proves nothing.
    ...[
      '-append',
      [`console=${console} mitigations=off panic=-1 oops=panic quiet loglevel=4`, ...kernelParameters].join(' '),
    ],
    // What the guest syncs reaches the host's memory, which outlives QEMU; nothing here cuts the host's power.
    ...(disk === undefined ? [] : ['-drive', `if=virtio,format=raw,cache=unsafe,file=${disk}`]),
    ...['-netdev', 'user,id=net', '-device', network],
    ...['-chardev', `socket,id=control,path=${controlSocket}`, '-device', `virtio-serial-${bus}`],
    ...['-device', 'virtserialport,chardev=control,name=rebootless.lab'],
  ]
}

function ending(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
}
