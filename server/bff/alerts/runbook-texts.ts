import type { AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'

/** Written from docs/runbooks by server/build/write-runbooks.ts. */
export const RUNBOOKS: Readonly<Record<AlertRuleId, string>> = {
  'transition-stalled': `# Transition stalled

## What it means

A livepatch is in, and some tasks still run the old code: the kernel has tried them more than once and they sleep in a
function that the patch changes, or their stacks cannot be read. The host is protected only in part, and no other
livepatch can begin until this one is through.

## What to look at

- The tab Transition of one of the hosts: which task, in which function, since when.
- Whether all hosts wait for the same task and function. If so, one cause at its root explains them all.
- Whether the function waits for something outside the kernel: a file server, a disk, a device that is gone.

## What to do

- Mend what the task waits for. A thread that sleeps in a file system goes on when its server answers.
- Restart the unit or the container that the task belongs to, where that is cheap.
- Send the signal again from the host's page: it wakes tasks that sleep interruptibly.
- Where the patch can wait, reverse the transition. The old code is then in effect again on all tasks.

## What not to do

- Do not force the transition to make the alert go away. Forced tasks may run old and new code together, and only a reboot clears that.
- Do not load another livepatch on top: the kernel refuses it, and a tool may report that as a failure of its own.
`,
  'transition-reversed': `# Transition reversed

## What it means

A transition was turned round before it was complete: the patch was on its way in and was disabled, or the other way about.
A rollout does that after a fault, a person by hand, and some vendors' tools when their own time is over.

## What to look at

- The audit log around the time of the alert: was it a command from here?
- The rollout that the host is in, and what its log says of the wave.
- On the host, the journal of the vendor's tool.

## What to do

- Find out who reversed it. If it was a rollout, its page says which gate was shut.
- Look at whether tasks blocked the transition before. Mend that before the patch is loaded again.
- Load the patch again by a rollout, with a first wave of one host.

## What not to do

- Do not enable it again at once by hand on every host: what made it go back is likely still there.
`,
  'patch-failed': `# Patch failed

## What it means

The kernel refused a livepatch, or a vendor's tool could not apply one. The host runs as it did before, without the fix.

## What to look at

- The tab Raw, or the kernel's log on the host: the line that names the error.
- Whether all hosts of the alert run the same kernel. A module is built for one release exactly.
- Whether another live patching system is active on the host, and holds the same functions.

## What to do

- Take a patch that fits: the catalogue tells for each host why a patch does not.
- If the signature was refused, see that the key of the module is trusted by that kernel (Secure Boot, lockdown).
- If the tool could not reach its server, mend its access and let it try again.

## What not to do

- Do not turn signature checks off to get the patch in.
- Do not load a module of another kernel by changing its vermagic.
`,
  'patch-forced': `# Patch forced

## What it means

Somebody forced a transition through. Tasks that had yet to follow were set to the new code wherever they were, so one of
them may run old and new code together. The kernel lets no livepatch module leave any more until the next boot.

## What to look at

- Who forced it, and why: the audit log, or the host's own records if it was not done from here.
- Which tasks had yet to follow when it was forced: the last samples of the transition.
- The kernel's log since then, for warnings and oopses.

## What to do

- Set a date for a reboot of these hosts, and an owner.
- Watch them more closely until then.

## What not to do

- Do not count them as patched like the others: a forced patch is in effect for most tasks, which is not all.
- Do not try to remove the module: it is pinned.
`,
  'kernel-oops': `# Oops after a patch

## What it means

A kernel's log tells of an oops, a bug or a lockup, either soon after a livepatch was enabled or with a livepatch's function in
its trace. The kernel may go on, with a task killed and locks held that nobody will ever release.

## What to look at

- The trace on the host's page: is a function of the livepatch in it, or is it only near in time?
- Whether other hosts with the same patch have it too, and hosts without it do not.
- What the host did when it happened.

## What to do

- Pause the rollout that brought the patch.
- If the livepatch is in the trace, or several hosts have the same trace, reverse it on hosts that are well.
- Reboot the host that had the oops, after its crash dump was saved: its kernel cannot be trusted.
- Tell the patch's makers, with the trace and the kernel's release.

## What not to do

- Do not go on with the next wave while the cause is unknown.
- Do not reverse the patch on the host that had the oops before it is rebooted: its transition may never end.
`,
  'kernel-warning': `# Warning after a patch

## What it means

A kernel's log tells of a warning, a hung task or an RCU stall, soon after a livepatch was enabled or with one in its trace. The
kernel goes on, and something in it found a state that should not be.

## What to look at

- The trace: is a function of the livepatch in it?
- Whether hosts without the patch have the same warning: then it is older than the patch.
- How often it comes. A warning that is printed once says nothing of how often it is so.

## What to do

- If the livepatch is in the trace, hold the rollout and ask the patch's makers.
- If the warning is an old one, acknowledge the alert with a note that says so.

## What not to do

- Do not silence the rule for the whole fleet: the next warning may be another.
`,
  'taint-changed': `# Taint changed

## What it means

A running kernel got a taint that it did not have before, and that a livepatch does not set by itself. Each letter has a meaning:
Documentation/admin-guide/tainted-kernels.rst. D is an oops, W a warning, L a lockup, F a module that was loaded by force.

## What to look at

- Which letter it is, and which hosts got it at the same time.
- The kernel's log at that time.
- Which modules were loaded: a driver from outside of the tree sets O, an unsigned one E.

## What to do

- For D, W and L look at the alerts of the kernel's log.
- For F, O, E and P find out who loaded the module, and whether that was meant.

## What not to do

- Do not expect a taint to go away: it stays until the next boot.
`,
  'patch-drifted': `# Patch drifted

## What it means

What is in the kernel is not what was put there. A patch was disabled by hand, sysfs and ftrace disagree about it, or a vendor's
tool says something that the kernel does not show.

## What to look at

- The host's page: both accounts are shown, with what each side says.
- The audit log: was there a command from here?
- Whether ftrace was turned off on the host (kernel.ftrace_enabled).

## What to do

- Find out who changed it, then load the patch again by a rollout.
- If two live patching systems are at work, leave one of them on.
- If ftrace is off, turn it on: livepatch works through it.

## What not to do

- Do not trust the tool alone, nor sysfs alone, while they disagree.
`,
  'patch-withdrawn': `# Patch withdrawn by its vendor

## What it means

A vendor took a patch back that is still in kernels of yours. Vendors do so when a patch does harm, or does not fix what it says.

## What to look at

- The vendor's notice, for why: harm, or merely no effect.
- Which hosts have it, and what runs on them.
- Whether the vendor has published another in its place.

## What to do

- Stop rollouts of the patch.
- Load the one that takes its place. If there is none, take the patch out on hosts where harm is likely, in waves.
- Count the CVEs that it fixed as open again.

## What not to do

- Do not take it out everywhere at once: a transition out can stall as well as one in.
`,
  'host-silent-in-transition': `# Host silent in a transition

## What it means

The last that was heard of a host is that a transition was under way. Since then it is silent. The transition may go on, the
agent may have died, or the kernel with it.

## What to look at

- Whether the host answers to anything else: ping, ssh, its console.
- Whether several hosts fell silent in the same wave.
- Whether the network between is the cause: are others of the same place silent too?

## What to do

- If the host is down, pause the rollout, and save the crash dump before you start it again.
- If only the agent is gone, see its journal and start it: it takes up the transition where the kernel has it.

## What not to do

- Do not go on with the wave in the belief that it is only the network.
- Do not reset the host before its console was looked at.
`,
  'rollout-needs-someone': `# Rollout stopped by itself

## What it means

A rollout paused or went back by itself, since too many hosts failed, stalled or fell silent, or a gate found harm. Or it went
back and could not undo all.

## What to look at

- The rollout's page: the sentence at its top says why it stands.
- The hosts that are named, and their own alerts.
- What is in effect now on hosts of the waves that are done.

## What to do

- Mend or exclude the hosts that failed, then go on; or reverse what is in.
- Of a rollout that was reversed in part, go through the hosts that could not be undone: some need a boot.

## What not to do

- Do not raise the limits of the rollout to get it through before the cause is known.
`,
  'command-failed': `# Command failed

## What it means

A host refused a command, failed at it, or cannot say what became of it after its agent died in the middle of it.

## What to look at

- The command's code and sentence: a refusal is a rule of the host's own settings.
- The host's page: what does its kernel show now?

## What to do

- A refusal: change the host's settings on the host, if the command should be allowed.
- A failure: do what the sentence says, and ask for the command again.
- Unknown: read what the kernel shows. That is what became of it.

## What not to do

- Do not send a command again whose effect is unknown before you have looked.
`,
  'sla-breaking': `# SLA about to break

## What it means

Hosts are exposed to a CVE, and the time that the policy gives them is nearly over.

## What to look at

- The CVE's page: which livepatch or which kernel fixes it, and on which hosts it can be used.
- The forecast: which of these hosts will be late at today's pace.

## What to do

- Plan a rollout of the livepatch that fixes it.
- Where no livepatch does, plan a boot into a fixed kernel.
- Where neither can be done in time, ask for an exception with an owner, a reason and an end.

## What not to do

- Do not change the policy to be in time.
`,
  'sla-broken': `# SLA broken

## What it means

Hosts are exposed to a CVE beyond the time that the policy gives.

## What to look at

- The CVE's page, and whether it is known to be exploited.
- Why these hosts were left behind: stalled, silent, excluded from a rollout, without a patch that fits.

## What to do

- Deal with the hosts that can be reached from outside first.
- Load the livepatch, or boot into a fixed kernel.
- Write down with an exception what cannot be done now, who carries the risk and until when.

## What not to do

- Do not silence this without an exception: a silence tells no auditor anything.
`,
  'exception-ending': `# Exception about to end

## What it means

Somebody accepted a risk until a date, and the date is near. After it the hosts count as exposed again.

## What to look at

- What the exception was for, who owns it, and whether its reason still holds.

## What to do

- See that the fix goes in before the end.
- If the reason still holds, ask for a new exception, which somebody else approves.

## What not to do

- Do not renew it without asking its owner.
`,
  'certificate-ending': `# Certificate ending

## What it means

An agent's certificate ends soon and was not renewed, or the authority's own does. Agents renew theirs when two thirds of its life
are over, so one that is near its end has tried in vain.

## What to look at

- Whether the agent is connected, and what its journal says of renewals.
- Whether the host's clock is right.

## What to do

- Restart the agent, and see that it can reach the agents' port.
- An agent whose certificate has ended must be enrolled anew with a join token.
- Of the authority: begin its replacement now, since every agent has to hear of the new one first (Settings, Enrolment).

## What not to do

- Do not copy a certificate or key from another host: both would be put in quarantine.
`,
  'agent-outdated': `# Agent outdated

## What it means

Agents are of another version than this server. They are understood, and lack what came since.

## What to look at

- What the changelog says of the versions between.

## What to do

- Install the agent that this server offers, first on a few hosts.
- Take it into the image from which hosts are made.

## What not to do

- Do not update agents in the middle of a rollout.
`,
  'disk-full': `# Disk nearly full

## What it means

Little is left of the disk that this server writes to. When it is full, nothing that hosts say can be kept, commands cannot be
recorded and so are not sent, and alerts are not sent either.

## What to look at

- What fills it: the database, the modules, or something that is not ours (\`df\`, \`du\`).
- Whether it grew slowly or at once.

## What to do

- Free space that is not ours first, or make the disk larger.
- Delete modules from the catalogue that no rollout needs.

## What not to do

- Do not delete files of the database.
- Do not empty the audit log: export it first, and keep its heads.
`,
  'database-trouble': `# Database in trouble

## What it means

The database does not serve, or did not for a while. While it is away nothing is recorded and no alert is decided on: this alert
tells of it afterwards. To be woken while it is away, watch /readyz or the metrics from outside.

## What to look at

- /readyz, which says in a sentence what is wrong.
- The log of this server, and that of the database.
- Disk and memory of the machine that it runs on.

## What to do

- Bring the database back. Agents keep what they have to say, and tell it then.
- Look through the alerts of that time: some may be late.

## What not to do

- Do not restore a backup before you know that the data is lost: a restored database knows nothing of commands that were sent since.
`,
  'feed-failing': `# CVE feed failing

## What it means

A feed of CVEs could not be read for a while. What is known of CVEs is as old as its last reading: new ones are missing, and hosts
seem better than they are.

## What to look at

- Settings, CVE feeds: what the last reading said.
- Whether the address can be reached from this server, through its proxy if there is one.

## What to do

- Mend the access, and read the feed by hand once.
- If its makers changed the format, read it from a file meanwhile, and report it.

## What not to do

- Do not delete the feed: what it said before would count no more.
`,
  'channel-dead-letters': `# Channel with dead letters

## What it means

A channel gave up messages, since its receiver refused them or did not answer for long; or the channel was turned off by itself.
Or somebody's browser gets no notifications, since its push service refuses them. Whoever relies on it hears nothing.

## What to look at

- Settings, Channels: what the receiver answered.
- Whether a token or a certificate of the receiver has ended.
- Of a browser: whoever it belongs to finds in Settings, Your account, what its push service answered. Nobody else sees it.
- Whether this server still reaches the push services of browsers through its firewall.

## What to do

- Mend the receiver or the channel, and test it with its button.
- Send the dead letters again. They keep their ids, so that a receiver knows what it has.
- Of a browser: turn notifications off there and on again, and press "Send a test". One that was set up anew, or lost its
  permission, has another address.
- See that a page reaches the on-call by another channel as well.

## What not to do

- Do not delete the channel before its dead letters were looked at: they go with it.
`,
  'backend-lag': `# This server is behind

## What it means

This server's own work has to wait: pages answer late, and what agents say is taken up late.

## What to look at

- The processor of the machine, and what else runs on it.
- The metrics: how many messages agents send, and how long the database takes.
- Whether a dry run or a recomputation is under way.

## What to do

- Give the machine more, or run a second backend on the same database.
- Find a host that floods it: the metrics count messages by kind.

## What not to do

- Do not restart it again and again: each time all agents connect anew at once.
`,
}
