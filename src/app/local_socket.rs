//! The local socket: a file through which whoever may open it reaches the box without a password.
//!
//! The file comes and goes here; what a peer is worth is decided in `api`.

use std::{
    fs::{self, DirBuilder, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
};

use super::StartError;
use crate::{api::server::LocalDoor, ops::random};

/// Only its owner, and root, may open it.
const SOCKET_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// The file of a socket that is listened on; removed when dropped.
pub(super) struct SocketFile {
    pub(super) path: PathBuf,
    /// The folder made for it alone, where there is one.
    folder: Option<PathBuf>,
}

/// Listens at this path. What a box that was killed has left there is replaced, anything else is left alone.
pub(super) fn listen(path: &Path) -> Result<(LocalDoor, SocketFile), StartError> {
    let failed = |source| StartError::Socket { path: path.to_owned(), source };
    clear(path).map_err(failed)?;
    bind(path, None).map_err(failed)
}

/// Listens in a new folder of its own that nobody else can look into.
pub(super) fn listen_privately() -> Result<(LocalDoor, SocketFile), StartError> {
    let name = random::bytes::<8>()?.map(|byte| format!("{byte:02x}")).concat();
    let folder = std::env::temp_dir().join(format!("orgbox-{name}"));
    let path = folder.join("orgbox.sock");
    let listen = || {
        DirBuilder::new().mode(FOLDER_MODE).create(&folder)?;
        bind(&path, Some(folder.clone()))
    };
    listen().map_err(|source| StartError::System { what: "a socket in a temporary folder", source })
}

fn bind(path: &Path, folder: Option<PathBuf>) -> io::Result<(LocalDoor, SocketFile)> {
    let file = SocketFile { path: path.to_owned(), folder };
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
    let owner_uid = fs::metadata(path)?.uid();
    Ok((LocalDoor { listener, owner_uid }, file))
}

/// Removes the socket of a box that is gone. One that somebody answers, or a file that is no socket, is in the way.
fn clear(path: &Path) -> io::Result<()> {
    let file_type = match fs::symlink_metadata(path) {
        Ok(file) => file.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !file_type.is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "something that is no socket has this name"));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "another process listens there")),
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // What cannot be removed is replaced at the next start.
        drop(fs::remove_file(&self.path));
        if let Some(folder) = &self.folder {
            drop(fs::remove_dir(folder));
        }
    }
}
