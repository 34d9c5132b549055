import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

export interface EmulatorOptions {
  readonly image: string
  readonly initramfs: string
  readonly controlSocket: string
  readonly consoleLog: string
  readonly memoryMiB: number
  /** Slower, but without the known crash, see death.ts. */
  readonly singleThread: boolean
}

export interface Emulator {
  readonly pid: number
  readonly ended: Promise<void>
  console(): string
  kill(): void
}

export function startEmulator(options: EmulatorOptions): Emulator {
  // When this process dies, however it does, the kernel ends QEMU with it.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...emulatorArguments(options)], {
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

function emulatorArguments({ image, initramfs, controlSocket, memoryMiB, singleThread }: EmulatorOptions): string[] {
  return [
    ...['-accel', singleThread ? 'tcg,thread=single' : 'tcg,thread=multi', '-M', 'q35', '-cpu', 'Nehalem,+rdrand'],
    ...['-smp', '2', '-m', `${memoryMiB}`, '-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-kernel', image, '-initrd', initramfs],
    // An oops ends the machine: what runs on after one proves nothing.
    ...['-append', 'console=ttyS0 mitigations=off panic=-1 oops=panic quiet loglevel=4'],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-chardev', `socket,id=control,path=${controlSocket}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=control,name=rebootless.lab'],
  ]
}

function ending(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
}
