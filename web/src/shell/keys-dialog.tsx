import { Dialog } from '../ui/dialog.tsx'
import { KeyList } from './key-list.tsx'

export default function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <KeyList />
    </Dialog>
  )
}
