/**
 * System calls in which a task may sleep, by number, for each machine (`uname -m`) that has livepatch: `NUMBER NAME` in
 * turn. The numbers are those of <asm/unistd.h>, which never change; what is missing here is shown by its number.
 */
const TABLES: Readonly<Record<string, string>> = {
  x86_64: `
    0 read  1 write  2 open  3 close  4 stat  5 fstat  6 lstat  7 poll  9 mmap  10 mprotect  11 munmap  12 brk
    16 ioctl  17 pread64  18 pwrite64  19 readv  20 writev  21 access  23 select  24 sched_yield  25 mremap
    26 msync  34 pause  35 nanosleep  40 sendfile  42 connect  43 accept  44 sendto  45 recvfrom  46 sendmsg
    47 recvmsg  56 clone  57 fork  58 vfork  59 execve  60 exit  61 wait4  65 semop  69 msgsnd  70 msgrcv
    72 fcntl  73 flock  74 fsync  75 fdatasync  76 truncate  77 ftruncate  82 rename  83 mkdir  84 rmdir
    87 unlink  101 ptrace  128 rt_sigtimedwait  130 rt_sigsuspend  137 statfs  138 fstatfs  149 mlock  162 sync
    165 mount  166 umount2  169 reboot  175 init_module  176 delete_module  202 futex  208 io_getevents
    209 io_submit  217 getdents64  219 restart_syscall  220 semtimedop  230 clock_nanosleep  231 exit_group
    232 epoll_wait  242 mq_timedsend  243 mq_timedreceive  247 waitid  257 openat  258 mkdirat  262 newfstatat
    263 unlinkat  264 renameat  269 faccessat  270 pselect6  271 ppoll  275 splice  276 tee  278 vmsplice
    281 epoll_pwait  285 fallocate  288 accept4  295 preadv  296 pwritev  298 perf_event_open  299 recvmmsg
    306 syncfs  307 sendmmsg  313 finit_module  316 renameat2  318 getrandom  321 bpf  322 execveat
    326 copy_file_range  327 preadv2  328 pwritev2  332 statx  333 io_pgetevents  426 io_uring_enter  435 clone3
    437 openat2  439 faccessat2  441 epoll_pwait2  449 futex_waitv  454 futex_wake  455 futex_wait
    456 futex_requeue`,
  aarch64: `
    2 io_submit  4 io_getevents  22 epoll_pwait  25 fcntl  29 ioctl  32 flock  34 mkdirat  35 unlinkat
    38 renameat  39 umount2  40 mount  43 statfs  44 fstatfs  45 truncate  46 ftruncate  47 fallocate
    48 faccessat  56 openat  57 close  61 getdents64  63 read  64 write  65 readv  66 writev  67 pread64
    68 pwrite64  69 preadv  70 pwritev  71 sendfile  72 pselect6  73 ppoll  75 vmsplice  76 splice  77 tee
    79 newfstatat  80 fstat  81 sync  82 fsync  83 fdatasync  93 exit  94 exit_group  95 waitid  98 futex
    101 nanosleep  105 init_module  106 delete_module  115 clock_nanosleep  117 ptrace  124 sched_yield
    128 restart_syscall  133 rt_sigsuspend  137 rt_sigtimedwait  142 reboot  182 mq_timedsend  183 mq_timedreceive
    188 msgrcv  189 msgsnd  192 semtimedop  193 semop  202 accept  203 connect  206 sendto  207 recvfrom
    211 sendmsg  212 recvmsg  214 brk  215 munmap  216 mremap  220 clone  221 execve  222 mmap  226 mprotect
    227 msync  228 mlock  241 perf_event_open  242 accept4  243 recvmmsg  260 wait4  267 syncfs  269 sendmmsg
    273 finit_module  276 renameat2  278 getrandom  280 bpf  281 execveat  285 copy_file_range  286 preadv2
    287 pwritev2  291 statx  292 io_pgetevents  426 io_uring_enter  435 clone3  437 openat2  439 faccessat2
    441 epoll_pwait2  449 futex_waitv  454 futex_wake  455 futex_wait  456 futex_requeue`,
  ppc64le: `
    0 restart_syscall  1 exit  2 fork  3 read  4 write  5 open  6 close  10 unlink  11 execve  21 mount  22 umount
    26 ptrace  29 pause  33 access  36 sync  38 rename  39 mkdir  40 rmdir  45 brk  52 umount2  54 ioctl  55 fcntl
    82 select  88 reboot  90 mmap  91 munmap  92 truncate  93 ftruncate  99 statfs  100 fstatfs  102 socketcall
    106 stat  107 lstat  108 fstat  114 wait4  117 ipc  118 fsync  120 clone  125 mprotect  128 init_module
    129 delete_module  142 newselect  143 flock  144 msync  145 readv  146 writev  148 fdatasync  150 mlock
    158 sched_yield  162 nanosleep  163 mremap  167 poll  176 rt_sigtimedwait  178 rt_sigsuspend  179 pread64
    180 pwrite64  186 sendfile  189 vfork  202 getdents64  221 futex  229 io_getevents  230 io_submit
    234 exit_group  238 epoll_wait  248 clock_nanosleep  264 mq_timedsend  265 mq_timedreceive  272 waitid
    280 pselect6  281 ppoll  283 splice  284 tee  285 vmsplice  286 openat  287 mkdirat  291 newfstatat
    292 unlinkat  293 renameat  298 faccessat  303 epoll_pwait  309 fallocate  319 perf_event_open  320 preadv
    321 pwritev  328 connect  330 accept  334 send  335 sendto  336 recv  337 recvfrom  341 sendmsg  342 recvmsg
    343 recvmmsg  344 accept4  348 syncfs  349 sendmmsg  353 finit_module  357 renameat2  359 getrandom  361 bpf
    362 execveat  379 copy_file_range  380 preadv2  381 pwritev2  383 statx  388 io_pgetevents  392 semtimedop
    400 msgsnd  401 msgrcv  426 io_uring_enter  435 clone3  437 openat2  439 faccessat2  441 epoll_pwait2
    449 futex_waitv  454 futex_wake  455 futex_wait  456 futex_requeue`,
  s390x: `
    1 exit  2 fork  3 read  4 write  5 open  6 close  7 restart_syscall  10 unlink  11 execve  21 mount  22 umount
    26 ptrace  29 pause  33 access  36 sync  38 rename  39 mkdir  40 rmdir  45 brk  52 umount2  54 ioctl  55 fcntl
    88 reboot  90 mmap  91 munmap  92 truncate  93 ftruncate  99 statfs  100 fstatfs  102 socketcall  106 stat
    107 lstat  108 fstat  114 wait4  117 ipc  118 fsync  120 clone  125 mprotect  128 init_module
    129 delete_module  142 select  143 flock  144 msync  145 readv  146 writev  148 fdatasync  150 mlock
    158 sched_yield  162 nanosleep  163 mremap  168 poll  177 rt_sigtimedwait  179 rt_sigsuspend  180 pread64
    181 pwrite64  187 sendfile  190 vfork  220 getdents64  238 futex  245 io_getevents  246 io_submit
    248 exit_group  251 epoll_wait  262 clock_nanosleep  273 mq_timedsend  274 mq_timedreceive  281 waitid
    288 openat  289 mkdirat  293 newfstatat  294 unlinkat  295 renameat  300 faccessat  301 pselect6  302 ppoll
    306 splice  308 tee  309 vmsplice  312 epoll_pwait  314 fallocate  328 preadv  329 pwritev
    331 perf_event_open  338 syncfs  344 finit_module  347 renameat2  349 getrandom  351 bpf  354 execveat
    357 recvmmsg  358 sendmmsg  362 connect  364 accept4  369 sendto  370 sendmsg  371 recvfrom  372 recvmsg
    375 copy_file_range  376 preadv2  377 pwritev2  379 statx  382 io_pgetevents  392 semtimedop  400 msgsnd
    401 msgrcv  426 io_uring_enter  435 clone3  437 openat2  439 faccessat2  441 epoll_pwait2  449 futex_waitv
    454 futex_wake  455 futex_wait  456 futex_requeue`,
}

const parsed = new Map<string, ReadonlyMap<number, string>>()

/** The name of a system call on that machine; its number as text where the table lacks it. */
export const systemCallName = (machine: string, number: number): string => {
  const known = parsed.get(machine) ?? parse(TABLES[machine] ?? '')
  parsed.set(machine, known)
  return known.get(number) ?? String(number)
}

const parse = (table: string): ReadonlyMap<number, string> =>
  new Map([...table.matchAll(/(\d+) (\w+)/g)].map(([, number, name]) => [Number(number), name ?? '']))
