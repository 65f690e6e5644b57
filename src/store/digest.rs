//! Table `state_digest`: a sum over the states of all subjects, kept in the transaction of each change.
//!
//! Of each subject the bucket is the first hexadecimal digit of the hash of its name, and what is added is the first eight
//! bytes of the hash of name, a zero byte and the state's JSON text. Sums wrap at 64 bits.

use sha2::{Digest, Sha256};

use super::{Read, Write};
use crate::model::Result;

/// Buckets of the digest.
pub const BUCKETS: usize = 16;

/// Counts a subject's state out and another in. Each is the JSON text that its event carries.
pub(super) fn change(write: &Write<'_>, subject: &str, before: Option<&str>, after: Option<&str>) -> Result<()> {
    let out = before.map_or(0, |state| weight(subject, state));
    let difference = after.map_or(0, |state| weight(subject, state)).wrapping_sub(out);
    if difference == 0 {
        return Ok(());
    }
    let bucket = bucket(subject);
    // SQLite would turn a sum past 64 bits into a fraction, so each half is taken down by 2^63 before it is added.
    let sql = "UPDATE state_digest SET sum = CASE \
               WHEN ?2 > 0 AND sum > 9223372036854775807 - ?2 THEN (sum + ?3) + (?2 + ?3) \
               WHEN ?2 < 0 AND sum < ?3 - ?2 THEN (sum - ?3) + (?2 - ?3) \
               ELSE sum + ?2 END WHERE bucket = ?1";
    if write.connection.prepare_cached(sql)?.execute((bucket, difference, i64::MIN))? == 0 {
        let sql = "INSERT INTO state_digest (bucket, sum) VALUES (?1, ?2)";
        write.connection.prepare_cached(sql)?.execute((bucket, difference))?;
    }
    Ok(())
}

/// Begins anew: what is told next of each subject is counted in from nothing.
pub(super) fn clear(write: &Write<'_>) -> Result<()> {
    write.connection.prepare_cached("DELETE FROM state_digest")?.execute([])?;
    Ok(())
}

/// All sums, as 256 hexadecimal digits.
pub fn hex(read: &Read<'_>) -> Result<String> {
    let mut sums = [0_i64; BUCKETS];
    let mut statement = read.connection.prepare_cached("SELECT bucket, sum FROM state_digest")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bucket: usize = row.get::<_, i64>(0)?.try_into().unwrap_or_default();
        if let Some(sum) = sums.get_mut(bucket) {
            *sum = row.get(1)?;
        }
    }
    Ok(sums.iter().map(|sum| format!("{:016x}", *sum as u64)).collect())
}

fn bucket(subject: &str) -> i64 {
    i64::from(Sha256::digest(subject)[0] >> 4)
}

fn weight(subject: &str, state: &str) -> i64 {
    let hash = Sha256::new().chain_update(subject).chain_update([0]).chain_update(state).finalize();
    i64::from_be_bytes(std::array::from_fn(|place| hash[place]))
}
