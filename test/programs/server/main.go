// A server to collect profiles from: what is in front of the handlers (work.go has what happens in it).
package main

import (
	"crypto/tls"
	"crypto/x509"
	"expvar"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "host:port to listen on; port 0 takes a free one")
	socket := flag.String("unix", "", "listen on this unix socket instead")
	prefix := flag.String("prefix", "", "path before /debug, such as /admin")
	token := flag.String("token", "", "answer 401 unless Authorization is: Bearer TOKEN")
	cert := flag.String("cert", "", "certificate (PEM): answer by TLS")
	key := flag.String("key", "", "its key")
	clientCA := flag.String("client-ca", "", "refuse clients without a certificate of this CA (PEM)")
	writeTimeout := flag.Duration("write-timeout", 0, "http.Server.WriteTimeout")
	slow := flag.Duration("slow", 0, "wait this long before each answer")
	mutex := flag.Int("mutex", 1, "runtime.SetMutexProfileFraction")
	block := flag.Int("block", 1, "runtime.SetBlockProfileRate, ns")
	busy := flag.Float64("busy", 0.3, "share of one CPU that the hot functions take")
	flag.Parse()

	runtime.SetMutexProfileFraction(*mutex)
	runtime.SetBlockProfileRate(*block)
	startWork(*busy)

	server := &http.Server{
		Handler:      inFront(*prefix, *token, *slow, handlers()),
		WriteTimeout: *writeTimeout,
	}
	listener, name := listen(*addr, *socket)
	end := make(chan os.Signal, 1)
	signal.Notify(end, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-end
		server.Close()
	}()
	var err error
	if *cert == "" {
		fmt.Println("listening on", name)
		err = server.Serve(listener)
	} else {
		server.TLSConfig = clientsOf(*clientCA)
		fmt.Println("listening on", strings.Replace(name, "http:", "https:", 1))
		err = server.ServeTLS(listener, *cert, *key)
	}
	if err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func listen(addr, socket string) (net.Listener, string) {
	network, where := "tcp", addr
	if socket != "" {
		network, where = "unix", socket
	}
	listener, err := net.Listen(network, where)
	if err != nil {
		log.Fatal(err)
	}
	if network == "unix" {
		return listener, "unix:" + socket
	}
	return listener, "http://" + listener.Addr().String()
}

// clientsOf asks every client for a certificate that the CA in the file has signed.
func clientsOf(file string) *tls.Config {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		log.Fatal("no certificate in ", file)
	}
	return &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
}

// handlers is its own mux: the default one would answer beside the prefix too.
func handlers() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("/debug/vars", expvar.Handler())
	return mux
}

func inFront(prefix, token string, slow time.Duration, next http.Handler) http.Handler {
	next = http.StripPrefix(strings.TrimSuffix(prefix, "/"), next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slow > 0 {
			time.Sleep(slow)
		}
		if token != "" && r.Header.Get("Authorization") != "Bearer "+token {
			w.Header().Set("WWW-Authenticate", `Bearer realm="server"`)
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
