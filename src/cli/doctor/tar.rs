//! An archive in the common tar format (ustar). It must not know what is packed.

use std::io::{self, Write};

const BLOCK_BYTES: usize = 512;

/// One file of an archive. The name is ASCII and at most 100 bytes.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Writes the files, readable by their owner only, and the end of the archive.
pub(super) fn write(entries: &[Entry], at_seconds: u64, to: &mut dyn Write) -> io::Result<()> {
    for Entry { name, bytes } in entries {
        to.write_all(&header(name, bytes.len() as u64, at_seconds))?;
        to.write_all(bytes)?;
        to.write_all(&vec![0; bytes.len().next_multiple_of(BLOCK_BYTES) - bytes.len()])?;
    }
    to.write_all(&[0; 2 * BLOCK_BYTES])
}

fn header(name: &str, size: u64, at_seconds: u64) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, &name[..name.len().min(100)]);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{at_seconds:011o}"));
    // Its own field counts as spaces in the sum.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}
