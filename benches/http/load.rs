//! The load generator: so many connections on one thread, each with one request under way.

use std::{cell::Cell, net::SocketAddr, rc::Rc, time::Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// Name of the generator's thread, which the accounting leaves out.
pub const THREAD: &str = "load";

/// What one run came to.
#[derive(Clone, Copy)]
pub struct Load {
    pub per_second: f64,
    pub cpu_us: f64,
}

impl Load {
    /// The medians of several runs, each figure for itself.
    pub fn median(loads: Vec<Load>) -> Load {
        let median = |figure: fn(&Load) -> f64| {
            let mut figures: Vec<f64> = loads.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Load { per_second: median(|load| load.per_second), cpu_us: median(|load| load.cpu_us) }
    }
}

/// Sends `total` requests over `connections` and waits for every answer, each of which must be 2xx.
pub fn run(address: SocketAddr, connections: usize, total: usize, request: &(dyn Fn(usize) -> String + '_)) -> Load {
    let requests: Vec<String> = (0..total).map(request).collect();
    let before = super::cpu::servers_ns();
    let generator = std::thread::Builder::new().name(THREAD.to_owned());
    let elapsed = std::thread::scope(|scope| {
        let thread = generator.spawn_scoped(scope, || generate(address, connections, requests)).unwrap();
        thread.join().unwrap()
    });
    let cpu = super::cpu::servers_ns() - before;
    Load { per_second: total as f64 / elapsed, cpu_us: cpu as f64 / total as f64 / 1000.0 }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real time")]
fn generate(address: SocketAddr, connections: usize, requests: Vec<String>) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let requests: Rc<[String]> = requests.into();
    let next = Rc::new(Cell::new(0));
    LocalSet::new().block_on(&runtime, async {
        let started = Instant::now();
        let tasks: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn_local(connection(address, Rc::clone(&requests), Rc::clone(&next))))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        started.elapsed().as_secs_f64()
    })
}

async fn connection(address: SocketAddr, requests: Rc<[String]>, next: Rc<Cell<usize>>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = Vec::with_capacity(64 * 1024);
    loop {
        let index = next.get();
        let Some(request) = requests.get(index) else { return };
        next.set(index + 1);
        stream.write_all(request.as_bytes()).await.unwrap();
        receive(&mut stream, &mut buffer, request).await;
    }
}

async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &str) {
    buffer.clear();
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "closed early: {request}");
    };
    let text = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
    assert!(text.starts_with("http/1.1 2"), "{request}\n{}", String::from_utf8_lossy(buffer));
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().unwrap());
    while buffer.len() < head + length {
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "closed early: {request}");
    }
}
