/** One of a kernel thread for each CPU (`ksoftirqd/0`, `kworker/0:2`) waits for what the others wait for: `kworker/`. */
export const taskFamily = (comm: string, kernelThread: boolean): string | null =>
  kernelThread && comm.includes('/') ? comm.slice(0, comm.indexOf('/') + 1) : null
