//! The bound of a read: actix-web with as many workers, answering the same bytes from memory to every request.

use std::{
    net::{SocketAddr, TcpListener},
    sync::mpsc,
    thread::JoinHandle,
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, http::header::ContentType, rt::System, web};

pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = web::Bytes::from(answer);
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let answer = answer.clone();
                    App::new().default_service(web::to(move || {
                        let answer = answer.clone();
                        async move { HttpResponse::Ok().content_type(ContentType::json()).body(answer) }
                    }))
                })
                .workers(std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8))
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { address, handle: receiver.recv().unwrap(), thread: Some(thread) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        self.thread.take().unwrap().join().unwrap();
    }
}
