// The refusals as Go's net/http sees them, over HTTP/1.1 and HTTP/2.
//
//	go run main.go BASE LIMITED TIMES
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

//go:embed cases.json
var cases []byte

type refusal struct {
	Status       int
	Method, Path string
	Headers      map[string]string
	Size, Times  int
}

func client(http2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetUnencryptedHTTP2(http2)
	return &http.Client{Transport: &http.Transport{Protocols: protocols}, Timeout: 30 * time.Second}
}

func send(client *http.Client, method, url string, headers map[string]string, body []byte) (int, []byte, error) {
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, content, err
}

// once sends a request that is refused. A reused connection then has to serve another one.
func once(client *http.Client, base string, item refusal, body []byte, reused bool) error {
	status, content, err := send(client, item.Method, base+item.Path, item.Headers, body)
	if err != nil {
		return err
	}
	var problem struct{ Status int }
	if err := json.Unmarshal(content, &problem); err != nil || status != item.Status || problem.Status != status {
		return fmt.Errorf("%d %.200s", status, content)
	}
	if !reused {
		return nil
	}
	status, _, err = send(client, "GET", base+"/alive", nil, nil)
	if err == nil && status != 200 {
		err = fmt.Errorf("the next request: %d", status)
	}
	return err
}

func main() {
	base, limited := os.Args[1], os.Args[2]
	most, _ := strconv.Atoi(os.Args[3])
	var items []refusal
	if err := json.Unmarshal(cases, &items); err != nil {
		panic(err)
	}
	bad := false
	for _, http2 := range []bool{false, true} {
		for _, item := range items {
			for _, how := range []string{"fresh", "reused"} {
				url := base
				if item.Status == 429 {
					url = limited
				}
				body, good, why := bytes.Repeat([]byte(" "), item.Size), 0, error(nil)
				shared, times := client(http2), most
				if item.Times > 0 {
					times = min(most, item.Times)
				}
				for range times {
					if how == "fresh" {
						shared = client(http2)
					}
					err := once(shared, url, item, body, how == "reused")
					if err == nil {
						good++
					} else if why == nil {
						why = err
					}
					if how == "fresh" {
						shared.CloseIdleConnections()
					}
				}
				bad = bad || good < times
				name := map[bool]string{false: "Go", true: "Go over HTTP/2"}[http2]
				text := ""
				if why != nil {
					text = why.Error()
				}
				fmt.Printf("%s, %s: %d for %d bytes: %d of %d  %s\n", name, how, item.Status, item.Size, good, times, text)
			}
		}
	}
	if bad {
		os.Exit(1)
	}
}
